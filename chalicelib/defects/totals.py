"""Table `defect_totals`: counts of defects by site, updated by each transaction that writes a defect.

A totals bucket is a site or a week of a site. The bucket of a site has a count `<status>_<severity>` for each pair, the
number of fixed defects and the seconds they took; the bucket of a week (by its Monday) has how many of the current
defects were registered, fixed and closed in it. The id of the defect chooses one of four shards, so that concurrent
transactions of a site rarely update one item.
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
    """One shard of a totals bucket; its amounts are number attributes, see `AMOUNTS`."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


def count(tx: Transaction, defect: Defect, sign: int) -> None:
    """Add (+1) or subtract (-1) a defect."""
    for key, amounts in buckets_of(defect).items():
        tx.add_amounts(TotalsItem(*key), **{name: sign * amount for name, amount in amounts.items()})


def buckets_of(defect: Defect) -> dict[tuple[str, str], Amounts]:
    """Return the keys of the totals buckets of a defect, and its amounts in each."""
    shard = zlib.crc32(defect.id.encode()) % SHARDS
    found: dict[tuple[str, str], Amounts] = {}

    def put(bucket: str, name: str, amount: int = 1) -> None:
        found.setdefault((defect.site_id, f"{bucket}#{shard}"), {})[name] = amount

    put(WHOLE, f"{defect.status}_{defect.severity}")
    if defect.fixed_at:
        put(WHOLE, "fix_count")
        put(WHOLE, "fix_seconds", int((defect.fixed_at - defect.created_at).total_seconds()))
    for name, at in zip(FLOWS, (defect.created_at, defect.fixed_at, defect.closed_at), strict=True):
        if at:
            put(f"{WEEK}#{monday_of(at).isoformat()}", name)
    return found


def of_site(site_id: str) -> Amounts:
    """Return the amounts of a site."""
    sums = Counter[str]()
    for item in query_raw(TotalsItem, site_id, sort=(">=", f"{WHOLE}#")):
        sums.update(_amounts(item))
    return dict(sums)


def weeks(site_id: str, since: date, until: date) -> dict[date, Amounts]:
    """Return the amounts of all weeks that start from `since` to `until`, both Mondays."""
    days = (until - since).days // 7
    found = {since + timedelta(weeks=number): Counter[str]() for number in range(days + 1)}
    for item in query_raw(TotalsItem, site_id, sort=(">=", f"{WEEK}#{since.isoformat()}")):
        kind, monday, *_ = item["sk"]["S"].split("#")
        day = date.fromisoformat(monday) if kind == WEEK else None
        if day in found:
            found[day].update(_amounts(item))
    return {day: dict(sums) for day, sums in found.items()}


def monday_of(moment: datetime) -> date:
    """Return the Monday of a week, in UTC."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def _amounts(item: dict[str, dict[str, str]]) -> Amounts:
    return {name: int(value["N"]) for name, value in item.items() if "N" in value and name not in KEYS}


def total_of(defects: Iterable[Defect]) -> dict[tuple[str, str], Amounts]:
    """Return the amounts of all totals buckets of these defects."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for defect in defects:
        for key, amounts in buckets_of(defect).items():
            sums.setdefault(key, Counter()).update(amounts)
    return {key: dict(amounts) for key, amounts in sums.items()}
