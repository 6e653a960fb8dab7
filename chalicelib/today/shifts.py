"""The running shifts, by work centre and shift."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from chalicelib.analytics.model import percent, shift_sort_key
from chalicelib.batches import service as batches
from chalicelib.batches.service import BatchItem
from chalicelib.today.schemas import Place, PlanAndFact, Running, RunningBatch, RunningPlace, RunningShift
from chalicelib.work_centers import service as work_centers


def running(at: datetime) -> Running:
    """Return the batches whose shift covers an instant, as they are now."""
    found, complete = batches.running(at)
    centers = {
        center.uuid: center for center in work_centers.several(sorted({batch.work_center_id for batch in found}))
    }
    by_center = groupby(sorted(found, key=lambda batch: batch.work_center_id), lambda batch: batch.work_center_id)
    places = []
    for center_id, group in by_center:
        center, own = centers.get(center_id), list(group)
        names = {"identifier": center and center.identifier, "name": center and center.name}
        place = Place.model_validate({"uuid": center_id} | names)
        places.append(RunningPlace(work_center=place, total=_total(own), shifts=_shifts(own)))
    places.sort(key=lambda place: (place.work_center.identifier or "", str(place.work_center.uuid)))
    return Running(total=_total(found), work_centers=places, truncated=not complete)


def _shifts(found: Sequence[BatchItem]) -> list[RunningShift]:
    ordered = sorted(found, key=lambda batch: (shift_sort_key(batch.shift), batch.batch_number, batch.uuid))
    groups = ((shift, list(group)) for shift, group in groupby(ordered, lambda batch: batch.shift))
    return [RunningShift(shift=shift, total=_total(own), batches=[*map(_view, own)]) for shift, own in groups]


def _view(batch: BatchItem) -> RunningBatch:
    shift = {"start": batch.shift_start, "end": batch.shift_end}
    return RunningBatch.model_validate(
        {name: getattr(batch, name, None) for name in RunningBatch.model_fields} | {"shift_time_range": shift}
    )


def _total(found: Iterable[BatchItem]) -> PlanAndFact:
    own = list(found)
    plans = [batch for batch in own if batch.planned_quantity]
    products = int(sum(batch.products_total for batch in own))
    aggregated = int(sum(batch.aggregated_total for batch in own))
    return PlanAndFact(
        batches=len(own),
        open_batches=sum(not batch.is_closed for batch in own),
        planned=int(sum(batch.planned_quantity for batch in plans)) if plans else None,
        made_of_planned=int(sum(batch.products_total for batch in plans)),
        products=products,
        aggregated=aggregated,
        aggregation_rate=percent(aggregated, products),
    )
