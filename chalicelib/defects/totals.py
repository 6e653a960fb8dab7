"""Table `defect_totals`: the progress of each site as the writes keep it, so that nobody reads defects to count them.

A cell is the whole of a site, or one week of it. The whole has `<status>_<severity>` for each pair, and how many
defects are fixed and how long that took; a week (by its Monday) has how many of the defects there are now were found,
fixed and closed in it. Every transaction that changes a defect moves it from the cells it was in to those it is in. The
shards of a cell are chosen by the defect, so of two writers on one site three in four pairs do not meet.
"""

import zlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core.dynamo import query_raw, table
from chalicelib.core.transactions import Transaction
from chalicelib.defects.model import SEVERITIES, STATUSES, Defect

SHARDS = 4
WHOLE, WEEK = "whole", "week"
PAIRS = {f"{status}_{severity}": (status, severity) for status in STATUSES for severity in SEVERITIES}
FLOWS = ("created", "fixed", "closed")
AMOUNTS = (*PAIRS, "fix_count", "fix_seconds", *FLOWS)
KEYS = ("pk", "sk", "v")

Amounts = dict[str, int]


@table("defect_totals")
class TotalsItem(Model):
    """One shard of a cell; its amounts are number attributes, see `AMOUNTS`."""

    class Meta:
        pass

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


def count(tx: Transaction, defect: Defect, sign: int) -> None:
    """Count a defect in (+1) or out (-1)."""
    for key, amounts in cells(defect).items():
        tx.add_amounts(TotalsItem(*key), **{name: sign * amount for name, amount in amounts.items()})


def cells(defect: Defect) -> dict[tuple[str, str], Amounts]:
    """Where a defect is counted, and with what."""
    shard = zlib.crc32(defect.id.encode()) % SHARDS
    found: dict[tuple[str, str], Amounts] = {}

    def put(place: str, name: str, amount: int = 1) -> None:
        found.setdefault((defect.site_id, f"{place}#{shard}"), {})[name] = amount

    put(WHOLE, f"{defect.status}_{defect.severity}")
    if defect.fixed_at:
        put(WHOLE, "fix_count")
        put(WHOLE, "fix_seconds", int((defect.fixed_at - defect.created_at).total_seconds()))
    for name, at in zip(FLOWS, (defect.created_at, defect.fixed_at, defect.closed_at), strict=True):
        if at:
            put(f"{WEEK}#{monday(at).isoformat()}", name)
    return found


def whole(site_id: str) -> Amounts:
    """The amounts of a site."""
    sums = Counter[str]()
    for item in query_raw(TotalsItem, site_id, sort=(">=", f"{WHOLE}#")):
        sums.update(_amounts(item))
    return dict(sums)


def weeks(site_id: str, since: date, until: date) -> dict[date, Amounts]:
    """The amounts of the weeks that begin from `since` to `until`, both Mondays; all of them, also the empty ones."""
    days = (until - since).days // 7
    found = {since + timedelta(weeks=number): Counter[str]() for number in range(days + 1)}
    for item in query_raw(TotalsItem, site_id, sort=(">=", f"{WEEK}#{since.isoformat()}")):
        kind, place, *_ = item["sk"]["S"].split("#")
        day = date.fromisoformat(place) if kind == WEEK else None
        if day in found:
            found[day].update(_amounts(item))
    return {day: dict(sums) for day, sums in found.items()}


def monday(moment: datetime | date) -> date:
    """The first day of a week, in UTC."""
    day = moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
    return day - timedelta(days=day.weekday())


def _amounts(item: dict[str, dict[str, str]]) -> Amounts:
    return {name: int(value["N"]) for name, value in item.items() if "N" in value and name not in KEYS}


def total_of(defects: Iterable[Defect]) -> dict[tuple[str, str], Amounts]:
    """What the table should hold for these defects."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for defect in defects:
        for key, amounts in cells(defect).items():
            sums.setdefault(key, Counter()).update(amounts)
    return {key: dict(amounts) for key, amounts in sums.items()}
