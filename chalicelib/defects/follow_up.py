"""Listeners: what follows from an event of a defect or its site. Each may be called twice, and late."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.core.errors import Unavailable
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.defects import files, records, store
from chalicelib.sites import service as sites


def purge(data: Mapping[str, Any]) -> None:
    """`defect.deleted`: its files, then its records, by which they are found."""
    defect_id = str(data["defect_id"])
    files.remove(defect_id, [item.uuid for item in records.attachments(defect_id)])
    records.purge(defect_id)


def remove_file(data: Mapping[str, Any]) -> None:
    """`defect.attachment_removed`: the file."""
    files.remove(str(data["defect_id"]), [str(data["attachment_id"])])


def follow_customer(data: Mapping[str, Any]) -> None:
    """`site.updated`: the site's defects are listed for the customer that it has now.

    A defect that is registered meanwhile holds the site as it was read, so it has the customer of before or of now. An
    index may lag behind; then not all that are counted are found, and the message has to come again.
    """
    if "customer_id" not in data["changed"]:
        return
    site_id, found = str(data["site_id"]), 0
    for defect in store.every(store.today(), site_id=site_id):
        _hand_over(defect.id)
        found += 1
    if found < store.count(site_id=site_id):
        raise Unavailable("Не все дефекты объекта найдены")


@optimistic
def _hand_over(defect_id: str) -> None:
    defect = store.find(defect_id)
    site = sites.find(defect.site_id) if defect else None
    if defect is None or site is None or defect.customer_id == site.customer_id:
        return
    with transaction() as tx:
        sites.require_unchanged(tx, site)
        store.save(tx, defect, replace(defect, customer_id=site.customer_id))
