"""The progress of a site, read from `defect_totals`."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.defects import model, store, totals
from chalicelib.defects.model import SEVERITIES, STATUSES, Severity, Status
from chalicelib.defects.schemas import Progress, ProgressQuery, Week
from chalicelib.defects.totals import PAIRS, Amounts
from chalicelib.sites import service as sites


def of_site(actor: Actor, *, site_id: UUID, query: ProgressQuery) -> Progress:
    """Return the progress of a site with its last weeks."""
    site, today = sites.visible(actor, str(site_id)), clock.site_today()
    # The weeks that are counted are those of UTC, so the current one is too.
    sums, this_week = totals.of_site(site.uuid), totals.monday_of(clock.now())
    total = _sum(sums, STATUSES)
    fixes, seconds = sums.get("fix_count", 0), sums.get("fix_seconds", 0)
    return Progress(
        site_id=UUID(site.uuid),
        total=total,
        open=_sum(sums, model.OPEN),
        overdue=store.count_overdue(site.uuid, today),
        percent_closed=_percent(_sum(sums, ["closed"]), total - _sum(sums, ["rejected"])),
        mean_hours_to_fix=round(seconds / fixes / 3600, 2) if fixes else None,
        by_status={status: _sum(sums, [status]) for status in STATUSES},
        by_severity={severity: _sum(sums, STATUSES, severity) for severity in SEVERITIES},
        open_by_severity={severity: _sum(sums, model.OPEN, severity) for severity in SEVERITIES},
        weeks=_weeks(site.uuid, this_week - timedelta(weeks=query.weeks - 1), this_week),
    )


def _weeks(site_id: str, since: date, until: date) -> list[Week]:
    found = totals.weeks(site_id, since, until)
    return [Week(week_start=day, **{name: sums.get(name, 0) for name in totals.FLOWS}) for day, sums in found.items()]


def _sum(sums: Amounts, statuses: Collection[Status], only: Severity | None = None) -> int:
    names = (name for name, (status, severity) in PAIRS.items() if status in statuses and only in (None, severity))
    return sum(sums.get(name, 0) for name in names)


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0
