"""The promises of sync (docs/promises.md), checked from outside once a simulated world has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from brygga.crm.fields import RecordType
from brygga.merge import Rule
from brygga.simulate import scene
from brygga.simulate.erp import canonical
from brygga.simulate.rest import Linked, Logged, Rest
from brygga.simulate.steps import CRM
from brygga.simulate.world import Entered, Sent, Undone, World

UNDONE = "undone"
MOVED = {"moved_in_erp", "moved_in_crm"}
_BY_RULE = frozenset({Rule.CONFLICT_CRM_WINS, Rule.CONFLICT_ERP_WINS, Rule.ONE_WAY_CRM_WINS, Rule.ONE_WAY_ERP_WINS})
_KNOWINGLY = frozenset({Rule.COPIED_FROM_CRM, Rule.COPIED_FROM_ERP, UNDONE})
OVERRULING = _BY_RULE | _KNOWINGLY
"""The rules by which a value that the other side never had may be replaced: as a loser, or because a person said so."""

_RUNS_OF = {
    Rule.COPIED_FROM_CRM: {"resync", "resolve"},
    Rule.COPIED_FROM_ERP: {"resync", "resolve"},
    UNDONE: {"undo"},
    "import": {"import"},
}
"""The kinds of runs in which a person asks for what these rules do."""
_WITHOUT_A_WORD = frozenset({"sync", "resync", "create", "resolve"})
"""The kinds of runs in which conflicts are settled by the policies, and not by what somebody prefers this once."""


def broken(world: World) -> list[str]:
    """What promises a world at rest shows to be broken, a sentence each."""
    rest = Rest(world)
    found = [*world.happened.wrong]
    for check in (_no_edit_lost, _sides_agree, _nothing_doubled, _one_way, _all_logged, _no_echo):
        found += [f"{check.__doc__}: {what}" for what in check(rest)]
    return found


def _no_edit_lost(rest: Rest) -> Iterator[str]:
    """I1"""
    last = {(e.side, e.type, e.record_id, e.key, e.field): e for e in rest.happened.entered}
    for entered in last.values():
        if entered.unique and not _stands(rest, entered) and not _told(rest, entered):
            where = rest.world.name_of(entered.type, entered.record_id) if entered.side == CRM else entered.key
            yield f"{entered.side}: {where}, {entered.field} = {entered.value!r} was lost"


def _stands(rest: Rest, entered: Entered) -> bool:
    """Whether an edit's value is still where it was entered, or there is nothing left to hold it."""
    wanted = canonical(entered.field, entered.value)
    if entered.side == CRM:
        return rest.crm[entered.type, entered.record_id].values[entered.field] == wanted
    actor = rest.world.erps[entered.side].actors.get(entered.key)
    return actor is None or canonical(entered.field, actor.fields[entered.field]) == wanted


def _told(rest: Rest, entered: Entered) -> bool:
    """Whether the log tells who overwrote an edit: as the loser of a conflict, because a person said so, or after it
    had reached the others."""
    value = canonical(entered.field, entered.value)
    log = rest.log if entered.value else [x for x in rest.log if x.id > entered.log]  # others were blank before
    if entered.side == CRM:
        mine = [x for x in log if x.place == (entered.type, entered.record_id)]
        over = [x for x in mine if x.target == "crm" and x.crm_field == entered.field and x.old == value]
    else:
        mine = [x for x in log if (x.erp, x.key) == (entered.side, entered.key)]
        over = [x for x in mine if x.target == "erp" and x.erp_field == entered.field and x.old == value]
    reached = any(line.new == value and line.target != ("crm" if entered.side == CRM else "erp") for line in mine)
    half = 0 if entered.side == CRM else 1
    agreed = (None, None)
    back = any((line.base or agreed)[half] == value for line in over)  # what was agreed on: nothing to carry on
    return back or any(line.rule in OVERRULING or reached for line in over)


def _sides_agree(rest: Rest) -> Iterator[str]:
    """I2"""
    edited_in_erp = {(e.side, e.key, e.field) for e in rest.happened.entered}
    for link in rest.links.values():
        if not rest.is_live(link):
            continue
        if link.state in ("failed", "gone"):
            yield f"{rest.name_of(link)} is {link.state}, and nothing is wrong any more"
        for field, (crm_key, way) in scene.mapped(link.erp, link.type).items():
            one_sided = way == "to_crm" or (way == "to_erp" and (link.erp, link.key, field) in edited_in_erp)
            crm, erp = rest.crm[link.place].values[crm_key], rest.erp_value(link, field)
            if field in link.held or one_sided or crm == erp or _set_back(rest, link, field, crm_key, [crm, erp]):
                continue
            yield f"{rest.name_of(link)}, {field}: CRM has {crm!r}, ERP {erp!r}"
        yield from _held_by_policy(rest, link)
        yield from _apart_untold(rest, link)


def _held_by_policy(rest: Rest, link: Linked) -> Iterator[str]:
    for field, code in link.held.items():
        if code == "conflict" and rest.world.terms.policy_of(link.erp, field) != "ask":
            yield f"{rest.name_of(link)}, {field} waits for a person, and its policy does not ask"


def _apart_untold(rest: Rest, link: Linked) -> Iterator[str]:
    """A person has moved to another company on one side, and nobody has been told."""
    company, parent_key = rest.crm[link.place].parent_id, rest.world.erps[link.erp].actors[link.key].parent_key
    home = rest.links.get((link.erp, parent_key))
    if company is None or home is None or home.state == "gone" or home.record_id == company:
        return
    moves = rest.happened.moves
    if home.id > max(moves.get((CRM, link.record_id), 0), moves.get((link.erp, link.key), 0)):
        return  # nobody moved, or the company was linked after that (see docs/promises.md)
    if not MOVED & set(link.held.values()) and link.base.get("") != [company, parent_key]:
        yield f"{rest.name_of(link)} belongs to different companies, and nobody is told"


def _set_back(rest: Rest, link: Linked, field: str, crm_key: str, sides: list[object]) -> bool:
    """Whether the sides differ because an undo set one of them back, and nobody has entered anything since."""
    undone = [x for x in rest.log if x.rule == UNDONE and _concerns(x, link, field, crm_key)]
    if not undone or link.base.get(field) != sides:
        return False
    last, mine = undone[-1], (link.erp, link.key, field)
    # What an earlier run had sent may be found to have arrived, and logged, later on.
    synced = any(x.run_id > last.run_id for x in rest.log if x.rule != UNDONE and (x.erp, x.key, x.erp_field) == mine)
    return not synced and last.id > max(_entered_at(rest, link, field, crm_key), default=-1)


def _concerns(line: Logged, link: Linked, field: str, crm_key: str) -> bool:
    if line.target == CRM:
        return line.place == link.place and line.crm_field == crm_key
    return (line.erp, line.key, line.erp_field) == (link.erp, link.key, field)


def _entered_at(rest: Rest, link: Linked, field: str, crm_key: str) -> Iterator[int]:
    """After which log line somebody entered something in a field of a link, on either side."""
    for e in rest.happened.entered:
        in_crm = e.side == CRM and (e.type, e.record_id, e.field) == (*link.place, crm_key)
        if (in_crm and link.erp not in e.known_in) or (e.side, e.key, e.field) == (link.erp, link.key, field):
            yield e.log


def _nothing_doubled(rest: Rest) -> Iterator[str]:
    """I3"""
    for (erp, kind, record_id), keys in rest.happened.made.items():
        name = f"{erp}: {rest.world.name_of(kind, record_id)}"
        if len(keys) > 1:
            yield f"{name} was created {len(keys)} times"
        link = rest.by_record.get((erp, kind, record_id))
        alive = keys and keys[0] in rest.world.erps[erp].actors and not rest.crm[kind, record_id].deleted
        if alive and (link is None or link.key != keys[0]) and (erp, kind, record_id) not in rest.doubted:
            yield f"{name} was created and is not linked"
    yield from _imported_twice(rest)


def _imported_twice(rest: Rest) -> Iterator[str]:
    imported: dict[tuple[str, str], set[int]] = {}
    for line in rest.log:
        if line.rule == "import" and (line.erp, line.key, line.record_id) not in rest.happened.parted:
            imported.setdefault((line.erp, line.key), set()).add(line.record_id)
    for (erp, key), ids in imported.items():
        if len(ids) > 1:
            yield f"{erp}: {key} was imported {len(ids)} times"


def _one_way(rest: Rest) -> Iterator[str]:
    """I4"""
    for line in [*rest.log, *rest.unanswered]:
        way = scene.mapped(line.erp, line.type)[line.erp_field][1] if line.erp_field else "both"
        if way not in ("both", f"to_{line.target}") and line.rule not in ("created", "import", UNDONE):
            yield f"{rest.name_of(line)}, {line.erp_field} flowed to {line.target}"


def _all_logged(rest: Rest) -> Iterator[str]:
    """I5"""
    logged: Counter[tuple[object, ...]] = Counter(
        (x.erp, x.key, x.erp_field, x.old, x.new) for x in [*rest.log, *rest.unanswered] if x.target == "erp"
    )
    for name, erp in rest.world.erps.items():
        for w in erp.written:
            entry = (name, w.key, w.field, *(canonical(w.field, text) for text in (w.old, w.new)))
            if not logged[entry] and (name, w.key) in rest.links:
                yield f"{name}: {w} is not in the log"
            logged[entry] -= 1
    yield from _crm_unlogged(rest)
    yield from _never_sent(rest)
    for line in [*rest.log, *rest.unanswered]:
        yield from _false_reason(rest, line)


def _never_sent(rest: Rest) -> Iterator[str]:
    """A line tells of one value that was sent to an ERP, and says that no answer came only where that may be."""
    unanswered = Counter(_sent(line) for line in rest.unanswered)
    told = unanswered + Counter(_sent(x) for x in rest.log if x.target == "erp" and x.rule != "created")
    for sent, lines in (told - rest.happened.sent).items():
        yield f"{sent} is {lines} times too often in the log"
    for sent, lines in (unanswered - rest.happened.unheard).items():
        yield f"{sent} was answered for, and {lines} times the log denies it"


def _sent(line: Logged) -> Sent:
    return Sent(line.erp, line.key, line.erp_field, line.new)


def _crm_unlogged(rest: Rest) -> Iterator[str]:
    """What the CRM holds was entered there, or the log says how it came."""
    told = {(*x.place, x.crm_field, x.new) for x in rest.log if x.target == "crm"}
    for (kind, record_id), snapshot in rest.crm.items():
        for field, value in snapshot.values.items():
            by_hand = canonical(field, rest.happened.by_hand.get((kind, record_id, field), ""))
            if value != by_hand and (kind, record_id, field, value) not in told:
                yield f"CRM: {rest.world.name_of(kind, record_id)}, {field} = {value!r} came from nowhere"


def _false_reason(rest: Rest, line: Logged) -> Iterator[str]:
    """A rule is given that was not in force."""
    place = f"{rest.name_of(line)}, {line.erp_field}"
    if line.run not in _RUNS_OF.get(line.rule, {line.run}):
        yield f"{place}: nobody asked in a {line.run} for what is told as {line.rule}"
    if line.rule not in (Rule.CONFLICT_CRM_WINS, Rule.CONFLICT_ERP_WINS) or line.run not in _WITHOUT_A_WORD:
        return
    policy, winner = rest.world.terms.policy_of(line.erp, line.erp_field), "erp" if line.target == CRM else "crm"
    first = "crm" if rest.world.terms.crm_first else "erp"
    if winner not in {"priority": {first}, "ask": {""}, "newest": {"crm", "erp"}}.get(policy, {policy}):
        yield f"{place}: {winner} won, by policy {policy}"


def _no_echo(rest: Rest) -> Iterator[str]:
    """I8"""
    for undone in rest.happened.undone:
        later = [x for x in rest.log if x.id > undone.after and _is_of(x, undone, rest)]
        if later and later[0].run == "sync" and not _entered_since(rest, undone):
            name = rest.world.name_of(undone.type, undone.record_id)
            yield f"{name}, {undone.field} was undone, and flowed on to {later[0].erp} ({later[0].target})"


def _is_of(line: Logged, undone: Undone, rest: Rest) -> bool:
    """Whether a line tells of a field that was undone, by a link that was there then."""
    link = rest.by_record.get((line.erp, *line.place))
    same = (*line.place, line.crm_field) == (undone.type, undone.record_id, undone.field)
    return same and link is not None and link.id in undone.links


def _entered_since(rest: Rest, undone: Undone) -> bool:
    place: tuple[RecordType, int] = (undone.type, undone.record_id)
    for e in rest.happened.entered:
        link = rest.links.get((e.side, e.key))
        in_crm = e.side == CRM and (e.type, e.record_id, e.field) == (*place, undone.field)
        in_erp = link and link.place == place and scene.mapped(e.side, e.type)[e.field][0] == undone.field
        if e.log >= undone.before and (in_crm or in_erp):
            return True
    return False
