"""From the filters of a list to its indexes and counters: which part to read, and what to sum for the total."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from chalicelib.core.counters import read_counters
from chalicelib.core.index_reads import END, Interval, Range
from chalicelib.core.paging import CREATED, SEPARATOR, encode
from chalicelib.core.reads import MAX_KEYS
from chalicelib.core.settings import settings


def counter_name(listing: str, field: str, value: Any) -> str:
    """Return the counter of the items of a list whose field has that value."""
    return f"{listing}#{field}={encode(value)}"


class Bounds(NamedTuple):
    """The values of the filters that bound a field."""

    low: Any
    high: Any


class ListFilters:
    """The filters of a list: equalities and ranges, and which fields are counted."""

    def __init__(self, name: str, equals: Sequence[str], ranges: Mapping[str, Range], counted: Sequence[str]) -> None:
        self._name, self._equals, self._ranges, self._counted = name, equals, ranges, counted

    def interval(self, sort_field: str, filters: Mapping[str, str]) -> Interval | None:
        """Return the part of an index with exactly what the filters match, in the order of `sort_field`, if any."""
        if not filters:
            return Interval(sort_field)
        (name, value), *others = filters.items()
        if name in self._ranges:
            bounded = {self._ranges[f] for f in filters if f in self._ranges}
            only = len(bounded) == len(filters) and {bound.field for bound in bounded} == {sort_field}
            return self._between(sort_field, filters) if only and any(bound.lower for bound in bounded) else None
        return self._equal(name, value) if not others and sort_field in (CREATED, name) else None

    def interval_in_order(self, sort_field: str, values: Mapping[str, Any], encoded: Mapping[str, str]) -> Interval:
        """Return a part of an index that is in the order of `sort_field` and has all that the filters match.

        It may have more. The filters are given as `values` and encoded.
        """
        equalities = [name for name in encoded if name in self._equals]
        if sort_field in equalities:
            return self._equal(sort_field, encoded[sort_field])
        within = self._between(sort_field, encoded)
        if sort_field != CREATED or not equalities:
            return within
        name = self._rarest(equalities, values)
        prefix = encoded[name] + SEPARATOR
        return Interval(name, prefix + within.low, prefix + within.high)

    def _rarest(self, names: Sequence[str], values: Mapping[str, Any]) -> str:
        """Return the equality that matches least by the counters; one without a counter matches few."""
        counters = {name: counter_name(self._name, name, values[name]) for name in names if name in self._counted}
        if len(counters) < len(names) or len(names) == 1:
            return next((name for name in names if name not in counters), names[0])
        sizes = read_counters(set(counters.values()))
        return min(counters, key=lambda name: sizes[counters[name]])

    def _equal(self, name: str, value: str) -> Interval:
        return Interval(name, value + SEPARATOR, value + SEPARATOR + END)

    def _between(self, name: str, filters: Mapping[str, str]) -> Interval:
        """Return the part of the index of a field within the range of the filters."""
        bounds = self._bounds(name, filters)
        low = bounds.low or ""
        return Interval(name, low, max(low, END if bounds.high is None else bounds.high + SEPARATOR + END))

    def _bounds(self, name: str, filters: Mapping[str, Any]) -> Bounds:
        """Return the values of the filters that bound a field; None where there is no bound."""
        ranges = ((self._ranges[f], value) for f, value in filters.items() if f in self._ranges)
        values = {bound.lower: value for bound, value in ranges if bound.field == name and value is not None}
        return Bounds(values.get(True), values.get(False))

    def counters(self, filters: Mapping[str, Any]) -> list[str] | None:
        """Return the counters whose sum is the total of these filters; None when there are none, or too many."""
        given = {name: value for name, value in filters.items() if value is not None}
        if not given:
            return [self._name]
        if len(given) == 1 and (name := next(iter(given))) in self._counted:
            return [counter_name(self._name, name, given[name])]
        bounded = {self._ranges[name].field if name in self._ranges else None for name in given}
        return self._of_days(next(iter(bounded)), given) if len(bounded) == 1 else None

    def _of_days(self, field: str | None, filters: Mapping[str, Any]) -> list[str] | None:
        """Return the counters of the days between two bounds, if the field is counted and one request can read them."""
        if field is None or field not in self._counted:
            return None
        low, high = self._bounds(field, filters)
        if type(low) is not date or type(high) is not date:
            return None
        number = (high - low).days + 1
        if number * settings().counter_shards > MAX_KEYS:
            return None
        return [counter_name(self._name, field, low + timedelta(days=day)) for day in range(number)]

    def most_selective(self, values: Mapping[str, Any], encoded: Mapping[str, str]) -> Interval:
        """Return the part of an index to read: that of the equality or range that matches least by the counters."""
        equalities = {name: self._equal(name, value) for name, value in encoded.items() if name in self._equals}
        uncounted = [interval for name, interval in equalities.items() if name not in self._counted]
        bounded = next((self._ranges[name].field for name in encoded if name in self._ranges), "")
        if uncounted or not equalities:
            return uncounted[0] if uncounted else self._between(bounded, encoded)
        candidates = {interval: [counter_name(self._name, name, values[name])] for name, interval in equalities.items()}
        days = self._of_days(bounded, values) if bounded else None
        if bounded and days is not None:
            candidates[self._between(bounded, encoded)] = days
        if len(candidates) == 1:
            return next(iter(candidates))
        sizes = read_counters({name for names in candidates.values() for name in names})
        return min(candidates, key=lambda interval: sum(sizes[name] for name in candidates[interval]))
