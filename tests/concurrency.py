"""Many who order at the same time: threads of one process against the AWS of a deployed stack."""

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

from chalicelib.core.auth import ADMINISTRATOR
from chalicelib.core.aws import client
from chalicelib.core.errors import AppError
from chalicelib.orders import service
from chalicelib.orders.schemas import OrderCreate


def write(user_id: str, existing: list[str], writers: int, line: dict[str, Any]) -> None:
    """So many writers at once: every fourth cancels an order that is there, the others place one; prints what came."""
    client("dynamodb")  # made once, not by all threads at the same time
    together = Barrier(writers)

    def one(number: int) -> str:
        together.wait()
        try:
            if number % 4:
                service.create(ADMINISTRATOR, body=OrderCreate.model_validate({"user_id": user_id, "items": [line]}))
                return "placed"
            order_id = UUID(existing[number // 4 % len(existing)])
            service.change_status(ADMINISTRATOR, order_id=order_id, status="cancelled")
            return "cancelled"
        except AppError as refusal:
            return refusal.error_code

    with ThreadPoolExecutor(writers) as pool:
        sys.stdout.write(json.dumps(Counter(pool.map(one, range(writers)))))
