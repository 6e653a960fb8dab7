"""Use case: a user with his orders; without them while orders do not answer."""

from itertools import takewhile
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.answers import Room
from chalicelib.core.auth import Actor
from chalicelib.core.circuits import guard
from chalicelib.core.deadline import DeadlineExceeded, deadline
from chalicelib.core.errors import Unavailable
from chalicelib.core.outages import is_outage
from chalicelib.core.paging import PageRequest
from chalicelib.orders import view
from chalicelib.orders.schemas import OrderView, UserDetails
from chalicelib.orders.store import ORDERS
from chalicelib.users import service as users

MOST = 100  # orders shown with a user
PATIENCE = 5.0  # seconds that the orders of a user are waited for
WITHOUT_ORDERS = "Заказы временно недоступны, показан только пользователь"


def details(actor: Actor, *, user_id: UUID) -> UserDetails:
    """A user with his newest orders, and how many he has."""
    user = users.show(actor, user_id=user_id)
    try:
        orders, total = _newest(str(user_id))
    except (Unavailable, DeadlineExceeded):
        return UserDetails(user=user, orders=None, orders_total=None, warnings=[WITHOUT_ORDERS])
    return UserDetails(user=user, orders=orders, orders_total=total, warnings=[])


def _newest(user_id: str) -> tuple[list[OrderView], int]:
    """Unavailable or DeadlineExceeded when orders are down."""
    try:
        with deadline(PATIENCE), guard("orders"):
            page = ORDERS.page(PageRequest(MOST, filters={"user_id": user_id}))
    except (BotoCoreError, ClientError) as error:
        if not is_outage(error):
            raise
        raise Unavailable from error
    return list(takewhile(Room().takes, map(view.whole, page.items))), page.total
