"""Recount of defects: the totals of each site."""

from chalicelib.core import clock
from chalicelib.core.recount import Amounts, TotalsKey, TotalsTable
from chalicelib.defects import store, totals
from chalicelib.defects.totals import TotalsItem


def _by_site() -> dict[TotalsKey, Amounts]:
    counted = totals.total_of(store.every(clock.site_today()))
    return {key: tuple(amounts.get(name, 0) for name in totals.AMOUNTS) for key, amounts in counted.items()}


RECOUNTS = (TotalsTable("defect_totals", TotalsItem, totals.AMOUNTS, _by_site),)
