"""Marks: which links wait to be merged, and with which version of their CRM record.

A mark is a row of its own in a narrow table. It comes and goes with every change, and links are wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db import connection as database
from django.db.models import QuerySet

from brygga import batch
from brygga.erp.models import Link, LinkState, WaitingLink

_TABLE, _LINKS = WaitingLink._meta.db_table, Link._meta.db_table
# A mark is only ever raised, so that a change made while its predecessor was being written is not taken for done.
_RAISE = f"""
    INSERT INTO {_TABLE} (link_id, connection_id, version)
    SELECT link.id, link.connection_id, pair.b FROM {{pairs}} JOIN {_LINKS} AS link ON link.id = pair.a WHERE true
    ON CONFLICT (link_id) DO UPDATE SET version = excluded.version, retry_at = NULL
    WHERE {_TABLE}.version <= excluded.version"""
_SETTLE = f"""
    DELETE FROM {_TABLE} WHERE link_id IN
    (SELECT pair.a FROM {{pairs}} JOIN {_TABLE} AS mark ON mark.link_id = pair.a WHERE mark.version <= pair.b)"""
_DUE = "(mark.retry_at IS NULL OR mark.retry_at <= %s)"
_IDS_AT_A_TIME = 2000
_LINKS_PER_STATEMENT = 500


def mark_changed(record_type: str, versions: Mapping[int, int], except_connection: int | None = None) -> None:
    """Mark the links of changed CRM records; `versions` is record id to the version that is to be dealt with."""
    columns, where = ("id", "record_id", "connection_id"), {"record_type": record_type}
    rows = batch.select_by_keys(_LINKS, columns, "record_id", list(versions), where)
    mark({link: versions[record] for link, record, connection in rows if connection != except_connection})


def mark(versions: Mapping[int, int]) -> None:
    """Mark links, by id, as waiting to be merged with the version of their CRM record, and at once."""
    batch.execute_with_pairs(_RAISE, list(versions.items()))


def settle(versions: Mapping[int, int]) -> None:
    """Remove the marks of links, by id, unless they stand for a newer version than the one dealt with."""
    batch.execute_with_pairs(_SETTLE, list(versions.items()))


def put_off(moments: Sequence[tuple[int, Any]]) -> None:
    """Let marked links wait until a moment, as the database stores it, or no longer where that is None."""
    if moments:
        batch.update_rows(_TABLE, "link_id", ["retry_at"], moments)


def marked(link_ids: Sequence[int]) -> dict[int, int]:
    """The versions that these links wait for, by id of the link; links that do not wait are left out."""
    return dict(batch.select_by_keys(_TABLE, ("link_id", "version"), "link_id", link_ids))


def has_due(connection_id: int, now: datetime) -> bool:
    """Whether any link of the connection waits, and not for a moment to come."""
    with database.cursor() as cursor:
        sql = f"SELECT 1 FROM {_TABLE} AS mark WHERE connection_id = %s AND {_DUE} LIMIT 1"
        cursor.execute(sql, [connection_id, batch.native_moment(now)])
        return cursor.fetchone() is not None


def due(
    columns: Sequence[str], connection_id: int, actor_type: str, now: datetime, after: int, limit: int
) -> list[tuple[Any, ...]]:
    """A page of links that are due, in order of id: these columns, the id first, and the version that each waits for.

    The links are looked up by the ids of a page of marks: of a join, a database that knows little of the nearly empty
    table of marks would read all links.
    """
    sql = f"""
        SELECT link_id, version FROM {_TABLE} AS mark
        WHERE connection_id = %s AND link_id > %s AND {_DUE} ORDER BY link_id LIMIT %s"""
    while True:
        with database.cursor() as cursor:
            cursor.execute(sql, [connection_id, after, batch.native_moment(now), limit])
            versions = dict(cursor.fetchall())
        rows = batch.select_by_keys(_LINKS, columns, "id", list(versions), {"actor_type": str(actor_type)})
        found = [(*row, versions[row[0]]) for row in rows]
        if found or len(versions) < limit:
            return sorted(found, key=itemgetter(0))
        after = max(versions)


def retry(links: QuerySet[Link]) -> None:
    """Have these links merged in the next run, whatever they wait for."""
    ids = links.order_by("pk").values_list("pk", "connection_id").iterator(chunk_size=_IDS_AT_A_TIME)
    for page in batch.chunks(ids, _LINKS_PER_STATEMENT):
        WaitingLink.objects.bulk_create(
            [WaitingLink(link_id=link, connection_id=connection, version=0) for link, connection in page],
            update_conflicts=True,
            unique_fields=["link"],
            update_fields=["retry_at"],
        )


def retry_failed(connection_id: int) -> None:
    """Let every link that failed be tried in the next run, as a sync started by hand does (behaviour E6)."""
    retry(Link.objects.filter(connection_id=connection_id, state=LinkState.FAILED))


def retry_conflicts(connection_id: int) -> None:
    """Let the links that wait for a person be merged in the next run: how conflicts are settled has changed."""
    retry(Link.objects.filter(connection_id=connection_id, state=LinkState.CONFLICT))


def retry_issues(connection_id: int, actor_type: str, erp_field: str) -> None:
    """Let the links that failed, or wait for a person, because of a field be merged in the next run: its mapping has
    changed, and so the cause may be gone (behaviour G4)."""
    held = Link.objects.filter(connection_id=connection_id, actor_type=actor_type)
    held = held.filter(state__in=[LinkState.FAILED, LinkState.CONFLICT])
    issues = held.values_list("id", "issues").iterator(chunk_size=_IDS_AT_A_TIME)
    concerned = (link for link, noted in issues if any(one["field"] == erp_field for one in noted))
    for page in list(batch.chunks(concerned, _LINKS_PER_STATEMENT)):
        retry(Link.objects.filter(pk__in=page))
