"""Orders as clients see them, no answer over 5 MB."""

from collections.abc import Iterable, Iterator, Sequence

from chalicelib.orders import model, store
from chalicelib.orders.model import Item
from chalicelib.orders.schemas import ItemView, OrderView
from chalicelib.orders.store import OrderItem

LIST_BYTES = 5_000_000  # of one list as Lambda carries it: JSON, in which every quote is escaped once more
ORDER_BYTES, LINE_BYTES = 450, 70  # of one of them so, without the names of products


def whole(order: OrderItem) -> OrderView:
    """One order with all its lines."""
    lines = store.lines_of(order)
    return _present(order, lines, len(lines))


def in_list(orders: Sequence[OrderItem]) -> list[OrderView]:
    """Orders with their lines; fewer in the last ones where the whole would grow too large."""
    left, shown = LIST_BYTES - ORDER_BYTES * len(orders), []
    for order in orders:
        lines = store.lines_of(order)
        fitting = list(_within(lines, left))
        left -= sum(map(_size, fitting))
        shown.append(_present(order, fitting, len(lines)))
    return shown


def _present(order: OrderItem, lines: Iterable[Item], total: int) -> OrderView:
    fields = {name: getattr(order, name) for name in ("user_id", "status", "created_at", "updated_at")}
    return OrderView.model_validate(
        fields
        | {
            "id": order.uuid,
            "items": [
                ItemView(product=line.product, quantity=line.quantity, price=float(line.price)) for line in lines
            ],
            "items_total": total,
            "total_amount": model.amount_of(int(order.total_kopecks)),
        }
    )


def _within(lines: list[Item], budget: int) -> Iterator[Item]:
    for line in lines:
        budget -= _size(line)
        if budget < 0:
            return
        yield line


def _size(line: Item) -> int:
    """Of a line as Lambda carries it; a quote or backslash is escaped twice."""
    text = line.product
    return LINE_BYTES + len(text.encode()) + 3 * (text.count('"') + text.count("\\"))
