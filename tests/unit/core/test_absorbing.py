"""Transactions that take in others, as long as there is room."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.batches.totals import TotalsItem
from chalicelib.core import ids
from chalicelib.core.dynamo import table_name
from chalicelib.core.ids import RequestIds
from chalicelib.core.transactions import MAX_WRITES, Transaction
from chalicelib.products.store import PointerItem

NAMES = st.sampled_from("abcdef")
SMALL = st.tuples(
    st.integers(0, 40),
    st.dictionaries(NAMES, st.integers(-2, 2)),
    st.dictionaries(NAMES, st.integers(-2, 2)),
    st.booleans(),
)
Part = tuple[int, dict[str, int], dict[str, int], bool]


def made(
    place: int, puts: int, counters: dict[str, int], tallies: dict[str, int], is_noted: bool = False
) -> Transaction:
    tx = Transaction()
    if is_noted:
        tx.note_made("what")
    for number in range(puts):
        tx.put_new(PointerItem(f"{place}/{number}", batch_id="b", number=number))
    for name, amount in counters.items():
        tx.increment(name, amount)
    for name, amount in tallies.items():
        tx.add_amounts(TotalsItem("pk", name), products=amount)
    return tx


def counted(tx: Transaction) -> Counter[str]:
    found = Counter[str]()
    for write in [*tx._counter_writes(0), *tx._sum_writes()]:
        (name,) = [part["S"] for key, part in write.request["Key"].items() if key != "pk"]
        values = write.request["ExpressionAttributeValues"]
        found[f"{write.request['TableName']} {name}"] += int((values.get(":n") or values[":products"])["N"])
    return found


@settings(deadline=None)
@given(st.lists(SMALL, max_size=12))
def test_nothing_is_lost_and_no_transaction_is_too_large(
    parts: list[Part],
) -> None:
    done, tx = list[Transaction](), Transaction()
    for place, part in enumerate(parts):
        if not tx.absorb(made(place, *part)):
            done.append(tx)
            tx = made(place, *part)
    done.append(tx)
    assert all(len(one) <= MAX_WRITES for one in done)
    assert sum(len(one._writes) for one in done) == sum(puts for puts, *_ in parts)
    assert sums(done) == sums([made(place, *part) for place, part in enumerate(parts)])


@settings(deadline=None)
@given(st.lists(SMALL, min_size=1, max_size=12))
def test_notes_are_kept_and_counted_as_the_write_that_they_are(parts: list[Part]) -> None:
    tx, is_noted = made(0, *parts[0]), parts[0][3]
    for place, part in enumerate(parts[1:], 1):
        if tx.absorb(made(place, *part)):
            is_noted = is_noted or part[3]
    with ids.use(RequestIds("key", "seed", {}, lambda name, number: None)):
        sent = [*tx._writes, *tx._counter_writes(0), *tx._sum_writes()]
    others = len([write for write in sent if write.request["TableName"] != table_name("idempotency")])
    assert len(sent) == others + is_noted
    assert len(tx) == (len(sent) if others else 0) and len(tx) <= MAX_WRITES


def sums(transactions: list[Transaction]) -> dict[str, int]:
    total = Counter[str]()
    for one in transactions:
        total.update(counted(one))
    return {name: amount for name, amount in total.items() if amount}


def test_a_transaction_without_room_is_not_absorbed_in_part() -> None:
    tx, other = made(0, 60, {"a": 1}, {}), made(1, 40, {"b": 1}, {})
    assert not tx.absorb(other)
    assert (len(tx), len(other)) == (61, 41)
    assert tx.absorb(made(2, 39, {"a": 1}, {}))
    assert len(tx) == 100
