"""Use case: read a user with orders; without them while the orders table is unavailable."""

from itertools import takewhile
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.answers import RemainingSize
from chalicelib.core.auth import Actor
from chalicelib.core.circuits import through_circuit
from chalicelib.core.deadline import DeadlineExceeded, deadline
from chalicelib.core.errors import Unavailable
from chalicelib.core.outages import is_outage
from chalicelib.core.paging import PageRequest
from chalicelib.core.texts import text
from chalicelib.orders import service
from chalicelib.orders.schemas import OrderView, UserDetails
from chalicelib.orders.store import ORDERS
from chalicelib.users import service as users

MAX_ORDERS = 100  # of one response
ORDERS_TIMEOUT_SECONDS = 5.0
WITHOUT_ORDERS = "Заказы временно недоступны, показан только пользователь"


def details(actor: Actor, *, user_id: UUID) -> UserDetails:
    """Return a user with the newest orders and their total number."""
    user = users.show(actor, user_id=user_id)
    try:
        orders, total = _newest(str(user_id))
    except (Unavailable, DeadlineExceeded):
        return UserDetails(user=user, orders=None, orders_total=None, warnings=[text(WITHOUT_ORDERS)])
    return UserDetails(user=user, orders=orders, orders_total=total, warnings=[])


def _newest(user_id: str) -> tuple[list[OrderView], int]:
    """Return the newest orders of a user and their total; Unavailable or DeadlineExceeded during an outage."""
    try:
        with deadline(ORDERS_TIMEOUT_SECONDS), through_circuit("orders"):
            page = ORDERS.page(PageRequest(MAX_ORDERS, filters={"user_id": user_id}))
    except (BotoCoreError, ClientError) as error:
        if not is_outage(error):
            raise
        raise Unavailable from error
    return list(takewhile(RemainingSize().fits, map(service.view, page.items))), page.total
