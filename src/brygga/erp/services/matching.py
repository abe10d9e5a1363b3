"""The match workbench: first-time linking of what is linked on neither side (behaviour G5).

A job compares (`match_comparing`), a person chooses from the result, another job makes a plan of that (`match_plans`),
which is carried out like any plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from brygga.batch import chunks
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.report import RunReport
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, Connection, FieldMapping, Link, MatchEntry, Matching, MatchPair, StoredPlan
from brygga.erp.services import jobs, plans
from brygga.erp.services.jobs import OPEN, JobKind
from brygga.erp.services.match_comparing import compare
from brygga.erp.services.match_plans import KIND, Chosen, Wins, make_plan, take_back
from brygga.erp.services.match_reading import PAGE


class Kind(StrEnum):
    """How clear it is who goes with a record or an actor."""

    CLEAR = "clear"
    AMBIGUOUS = "ambiguous"
    NONE = "none"
    KEYLESS = "keyless"


def actors_on_offer(connection: Connection) -> list[ActorMapping]:
    """The actor types of a connection that can be matched: those with mapped fields, companies first."""
    mapped = FieldMapping.objects.filter(actor=OuterRef("pk"), missing=False).exclude(crm_key="")
    actors = connection.actors.filter(Exists(mapped), sync=True).exclude(record_type="")
    return list(actors.select_related("connection__connector").order_by("record_type", "id"))


def matching_of(actor: ActorMapping) -> Matching | None:
    """The latest comparison of an actor type; None where there has been none."""
    return _matchings().filter(actor=actor).first()


def get(actor_id: int) -> Matching:
    """The comparison of an actor type. Raises NotFound."""
    found = _matchings().filter(actor=actor_id).first()
    if found is None:
        raise NotFound(_("These records have not been compared yet."))
    return found


def is_at_work(matching: Matching) -> bool:
    """Whether a job compares, or makes a plan, just now."""
    return matching.job is not None and matching.job.state in OPEN


# Comparing


def start(actor: ActorMapping, by: str) -> Matching:
    """Have the unlinked records and actors compared in the background; what was found before is forgotten."""
    matching, _new = Matching.objects.get_or_create(actor=actor)
    if not is_at_work(matching):
        matching.job = jobs.start(JobKind.MATCH, {"actor": actor.pk, **_told(actor)}, by)
        matching.by = by
        matching.save(update_fields=["job", "by"])
    return matching


def carry_out(actor_id: int, progress: Progress) -> RunReport:
    """Compare; the work of a job, begun anew where it was interrupted. Raises NotFound, ConnectorFailed."""
    compare(get(actor_id), progress)
    return RunReport(dry_run=True)


# The result


def pairs(matching: Matching, *, clear: bool) -> QuerySet[MatchPair]:
    """The clear pairs or the others, the likest first, without what has been linked since."""
    return _unlinked_pairs(matching).filter(clear=clear).select_related("record", "actor").order_by("-score", "id")


def doubtful_records(matching: Matching) -> QuerySet[MatchEntry]:
    """The records that several actors may be, or one without being clear about it, in order of id."""
    return matching.entries.filter(pk__in=pairs(matching, clear=False).order_by().values("record")).order_by("id")


def lonely(matching: Matching, *, keyless: bool) -> QuerySet[MatchEntry]:
    """The records and actors that nobody is like, or that have nothing to be compared by; actors first."""
    linked = _linked(matching)
    paired = [MatchPair.objects.filter(record=OuterRef("pk")), MatchPair.objects.filter(actor=OuterRef("pk"))]
    found = matching.entries.filter(*(~Exists(some) for some in paired), keyless=keyless)
    record = linked.filter(record_id=OuterRef("record_id"))
    actor = linked.filter(erp_key=OuterRef("erp_key"))
    return found.filter(~Exists(record), ~Exists(actor)).order_by("id")


def counts(matching: Matching) -> dict[Kind, int]:
    """How many clear pairs, doubtful records, and records and actors without anybody there are."""
    return {
        Kind.CLEAR: pairs(matching, clear=True).count(),
        Kind.AMBIGUOUS: doubtful_records(matching).count(),
        Kind.NONE: lonely(matching, keyless=False).count(),
        Kind.KEYLESS: lonely(matching, keyless=True).count(),
    }


# Choosing


def chosen(matching: Matching) -> QuerySet[MatchPair]:
    """What has been accepted."""
    return _unlinked_pairs(matching).filter(chosen=True).order_by("id")


@transaction.atomic
def choose(matching: Matching, pair_ids: Collection[int], leave: Collection[int] = ()) -> None:
    """Accept pairs, and give up others. A record or an actor goes with one only: the pair accepted last counts."""
    if is_at_work(matching):
        raise Refused(_("A job is at work on this. Wait for its end, or stop it."))
    of_matching = matching.pairs.select_for_update()
    of_matching.filter(pk__in=list(leave)).update(chosen=False)
    for pair in of_matching.filter(pk__in=list(pair_ids), chosen=False).order_by("id"):
        rivals = Q(record=pair.record_id) | Q(actor=pair.actor_id)
        of_matching.filter(rivals, chosen=True).update(chosen=False)
        of_matching.filter(pk=pair.pk).update(chosen=True)


def choose_clear(matching: Matching, score: float) -> int:
    """Accept all clear pairs that are at least so alike, 0 to 1; returns how many are new."""
    return _turn_clear(matching, True, score)


def leave_clear(matching: Matching) -> int:
    """Give all clear pairs up; returns how many."""
    return _turn_clear(matching, False, 0)


def _turn_clear(matching: Matching, on: bool, score: float) -> int:
    if is_at_work(matching):
        raise Refused(_("A job is at work on this. Wait for its end, or stop it."))
    found = pairs(matching, clear=True).filter(chosen=not on, score__gte=score).order_by()
    return matching.pairs.filter(pk__in=found.values("pk")).update(chosen=on)


# The plan


def start_plan(matching: Matching, wins: Wins, by: str) -> None:
    """Have a plan made of what was accepted. Raises Refused where nothing was, or a job is at work."""
    if is_at_work(matching):
        raise Refused(_("A job is at work on this. Wait for its end, or stop it."))
    if not chosen(matching).exists():
        raise Refused(_("Choose at least one pair to connect."))
    params = {"actor": matching.actor_id, "wins": str(wins), **_told(matching.actor)}
    matching.job = jobs.start(JobKind.PLAN_MATCH, params, by)
    matching.save(update_fields=["job"])


def carry_out_plan(actor_id: int, wins: str, by: str, progress: Progress) -> RunReport:
    """Make the plan; the work of a job. Its id is left in the cursor. Raises NotFound, ConnectorFailed."""
    matching = get(actor_id)
    progress.cursor.clear()
    progress.done = 0
    accepted = chosen(matching)
    progress.expect(accepted.count())
    plan = make_plan(matching, _in_pages(accepted), Wins(wins), by, progress)
    progress.cursor["plan"] = plan.pk
    return RunReport(dry_run=True, plan=plan.pk)


def start_undo(plan: StoredPlan, by: str) -> None:
    """Have a match taken back in the background; see `match_plans.take_back`."""
    if plan.kind != KIND:
        raise Refused(_("Plan %(id)s is not one of a match.") % {"id": plan.pk})
    jobs.start(JobKind.UNDO_MATCH, {"plan": plan.pk}, by)


def carry_out_undo(plan_id: int, by: str, progress: Progress) -> RunReport:
    """Take a match back; the work of a job. Raises NotFound, Refused."""
    return take_back(plans.get(plan_id), by, progress)


def _in_pages(accepted: QuerySet[MatchPair]) -> Iterator[Chosen]:
    ids = list(accepted.values_list("pk", flat=True))
    for page in chunks(ids, PAGE):
        rows = MatchPair.objects.filter(pk__in=page).order_by("id")
        yield from rows.values_list("record__record_id", "actor__erp_key")


def _matchings() -> QuerySet[Matching]:
    return Matching.objects.select_related("actor__connection__connector", "job")


def _unlinked_pairs(matching: Matching) -> QuerySet[MatchPair]:
    linked = _linked(matching)
    record = linked.filter(record_id=OuterRef("record__record_id"))
    actor = linked.filter(erp_key=OuterRef("actor__erp_key"))
    return matching.pairs.filter(~Exists(record), ~Exists(actor))


def _linked(matching: Matching) -> QuerySet[Link]:
    return Link.objects.filter(
        connection=matching.actor.connection_id,
        actor_type=matching.actor.actor_type,
        record_type=matching.actor.record_type,
    )


def _told(actor: ActorMapping) -> dict[str, object]:
    """What a job's title tells."""
    return {"connection": actor.connection_id, "actor_type": actor.actor_type}
