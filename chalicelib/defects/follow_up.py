"""Listeners of events of defects and sites. Each may be called twice, and late."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.core import clock
from chalicelib.core.errors import Unavailable
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.defects import files, records, store
from chalicelib.sites import service as sites


def purge(data: Mapping[str, Any]) -> None:
    """Delete the files of a deleted defect, then its records, which have the ids of the files."""
    defect_id = str(data["defect_id"])
    files.remove(defect_id, [item.uuid for item in records.attachments(defect_id)])
    records.purge(defect_id)


def remove_file(data: Mapping[str, Any]) -> None:
    """Delete the file of a deleted attachment."""
    files.remove(str(data["defect_id"]), [str(data["attachment_id"])])


def follow_customer(data: Mapping[str, Any]) -> None:
    """Give the defects of a changed site the customer that the site has now.

    A defect that is registered meanwhile has the old or the new customer, because its transaction requires the site
    unchanged. Unavailable, for a retry, while the index of the list lags behind its counter.
    """
    if "customer_id" not in data["changed"]:
        return
    site_id, found = str(data["site_id"]), 0
    for defect in store.every(clock.site_today(), site_id=site_id):
        _set_customer(defect.id)
        found += 1
    if found < store.count(site_id=site_id):
        raise Unavailable("Не все дефекты объекта найдены")


@optimistic
def _set_customer(defect_id: str) -> None:
    defect = store.find(defect_id)
    site = sites.find(defect.site_id) if defect else None
    if defect is None or site is None or defect.customer_id == site.customer_id:
        return
    with transaction() as tx:
        sites.require_unchanged(tx, site)
        store.save(tx, defect, replace(defect, customer_id=site.customer_id))
