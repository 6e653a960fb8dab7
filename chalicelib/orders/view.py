"""Orders as clients see them."""

from chalicelib.orders import model, store
from chalicelib.orders.schemas import ItemView, OrderView
from chalicelib.orders.store import OrderItem


def whole(order: OrderItem) -> OrderView:
    """An order with all its lines."""
    lines = store.lines_of(order)
    fields = {name: getattr(order, name) for name in ("user_id", "status", "created_at", "updated_at")}
    return OrderView.model_validate(
        fields
        | {
            "id": order.uuid,
            "items": [
                ItemView(product=line.product, quantity=line.quantity, price=float(line.price)) for line in lines
            ],
            "items_total": len(lines),
            "total_amount": model.amount_of(int(order.total_kopecks)),
        }
    )
