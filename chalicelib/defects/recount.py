"""The table `defect_totals` held against the defects. See core/recount.py."""

from pynamodb.expressions.operand import Path

from chalicelib.core.dynamo import update_if
from chalicelib.core.recount import Amounts, Finding, Kept, Names, at_version, number, scan
from chalicelib.defects import store, totals
from chalicelib.defects.totals import TotalsItem


class DefectTotalsLedger:
    """What is kept of the progress of sites."""

    title = "defect_totals"
    amounts: Names = totals.AMOUNTS

    def kept(self) -> dict[str, Kept]:
        """As the cells say."""
        names = {"pk", "sk", "v", *self.amounts}
        return {
            _name(item["pk"]["S"], item["sk"]["S"]): Kept(
                tuple(number(item, amount) for amount in self.amounts), (number(item, "v"),)
            )
            for item in scan(TotalsItem, names)
        }

    def actual(self) -> dict[str, Amounts]:
        """As the defects say."""
        cells = totals.total_of(store.every(store.today()))
        return {_name(*key): tuple(amounts.get(amount, 0) for amount in self.amounts) for key, amounts in cells.items()}

    def add(self, name: str, finding: Finding) -> bool:
        """Into the cell, while it is as it was."""
        version = finding.kept.version[0] if finding.kept.version else 0
        actions = [*finding.actions(self.amounts), Path("v").add(1)]
        site_id, _, place = name.partition("|")
        return update_if(TotalsItem(site_id, place), actions, at_version(version))


def _name(site_id: str, place: str) -> str:
    return f"{site_id}|{place}"
