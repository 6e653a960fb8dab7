"""MiniStack's DynamoDB twice in one process, plain and with fast paths, asked the same and compared byte for byte.

Not compared: ids, ARNs and times of tables and of stream records, which each engine makes for itself.
"""

import copy
import importlib.util
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ministack.core.responses import request_scope

FAST_PATHS = ("query", "copies", "expressions", "capacity", "transactions", "writes", "reads")
ACCOUNT, REGION = "000000000000", "us-east-1"

Json = dict[str, Any]


def dynamodb(name: str, fast_paths: Sequence[str] = ()) -> Any:
    """A module of DynamoDB of its own, with these fast paths."""
    spec = importlib.util.find_spec("ministack.services.dynamodb")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    for path in fast_paths:
        import_module(f"localstack.engine.{path}").install_in(module)
    return module


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Json
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class TwoEngines:
    """A plain engine and a fast one."""

    def __init__(self, fast_paths: Sequence[str] = FAST_PATHS) -> None:
        self.plain = dynamodb("plain_dynamodb")
        self.fast = dynamodb("fast_dynamodb", fast_paths)
        self.region = REGION
        self.calls = 0

    def reset(self) -> None:
        """Forget all tables."""
        self.plain.reset()
        self.fast.reset()

    def both(self, work: Callable[[Any], Any]) -> None:
        """Do something that is not a request to each."""
        for engine in (self.plain, self.fast):
            with request_scope(ACCOUNT, self.region):
                work(engine)

    def ask(self, action: str, request: Json) -> Answer:
        """One request to both, which must answer the same; where MiniStack crashes (500), any refusal will do."""
        self.calls += 1
        body = json.dumps(request).encode()
        plain, fast = self._one(self.plain, action, body), self._one(self.fast, action, body)
        crashed = plain.status == 500 and fast.status >= 400
        assert fast == plain or crashed, f"{action} {request}\nplain: {plain}\nfast:  {fast}"
        return plain

    def _one(self, engine: Any, action: str, body: bytes) -> Answer:
        with request_scope(ACCOUNT, self.region):
            asked = engine.handle_request("POST", "/", {"x-amz-target": f"DynamoDB_20120810.{action}"}, body, {})
            try:
                asked.send(None)
            except StopIteration as done:
                return Answer(*done.value)
            except Exception as error:  # the server would answer 500
                return Answer(500, {}, f"{type(error).__name__}: {error}".encode())
            raise AssertionError("the engine waited for something")

    def compare_state(self) -> None:
        """The same items, counts and changes in both."""
        assert _items(self.fast) == _items(self.plain)
        assert _changes(self.fast) == _changes(self.plain)

    def restart(self) -> None:
        """Save and load the state of each, as the launcher does."""

        def reload(engine: Any) -> None:
            state = copy.deepcopy(engine.get_state())
            for _, table in state["tables"].all_items():
                assert not any(name.startswith("_index") for name in table)
                table["items"] = dict(table["items"])
            engine.reset()
            engine.load_persisted_state(state)

        self.both(reload)


def _items(engine: Any) -> str:
    tables = {str(key): [table["items"], table["ItemCount"]] for key, table in engine._tables.all_items()}
    return json.dumps(tables, sort_keys=False)


def _changes(engine: Any) -> str:
    kept = ("Keys", "OldImage", "NewImage", "StreamViewType")
    return json.dumps(
        [
            [str(key), record["eventName"], [record["dynamodb"].get(name) for name in kept]]
            for key, records in engine._stream_records.all_items()
            for record in records
        ]
    )
