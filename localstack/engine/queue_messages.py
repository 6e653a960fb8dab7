"""The messages of one standard queue, ready to be received without looking at all of them.

Behaves like the list that MiniStack keeps (append, iterate, remove, clear), and beside that knows by heaps which
messages are visible, which become visible when, and which is the oldest.

Messages are received in the order in which they first became visible. MiniStack takes the first sent first, so that of
many delayed messages those that were sent early and are due late are handed out before those that wait already.
"""

import copy
import heapq
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, SupportsIndex

Message = dict[str, Any]


class Messages:
    """Messages by the order of their arrival. Every change of `visible_at` goes through this class."""

    def __init__(self, complete: Callable[[Message], None], messages: Iterable[Message] = ()) -> None:
        self._complete = complete  # fills in the fields that a producer left out
        self._lock = threading.RLock()
        self._next = 0
        self._forget()
        for message in messages:
            self.append(message)

    def _forget(self) -> None:
        self._messages: dict[int, Message] = {}
        self._waiting: list[tuple[float, int]] = []
        self._visible: list[tuple[float, int]] = []
        self._first_visible: dict[int, float] = {}
        self._is_visible: set[int] = set()
        self._is_back: set[int] = set()  # visible again after it was received
        self._ages: list[tuple[float, int]] = []
        self._handles: dict[str, int] = {}

    def append(self, message: Message) -> None:
        """Add a message that was just sent."""
        with self._lock:
            self._complete(message)
            number, self._next = self._next, self._next + 1
            self._messages[number] = message
            self._first_visible[number] = message["visible_at"]
            heapq.heappush(self._waiting, (message["visible_at"], number))
            age = float(message.get("enqueued_at") or message["sent_at"])
            heapq.heappush(self._ages, (age, number))
            if message["receipt_handle"] is not None:
                self._handles[message["receipt_handle"]] = number

    def take(self, count: int, timeout: float, handle: Callable[[], str]) -> list[Message]:
        """Receive up to `count` visible messages, the first visible first; they are invisible for `timeout` seconds."""
        with self._lock:
            now = time.time()
            self._promote(now)
            taken: list[tuple[int, Message]] = []
            while self._visible and len(taken) < count:
                number = heapq.heappop(self._visible)[1]
                self._is_visible.discard(number)
                self._is_back.discard(number)
                message = self._messages.get(number)
                if message is None or message["visible_at"] > now:
                    continue
                if message["receipt_handle"] is not None:
                    self._handles.pop(message["receipt_handle"], None)
                message["receipt_handle"] = handle()
                self._handles[message["receipt_handle"]] = number
                message["receive_count"] += 1
                if message.get("first_receive_at") is None:
                    message["first_receive_at"] = now
                taken.append((number, message))
            for number, message in taken:
                self._hide(number, message, now + timeout)
            return [message for _, message in taken]

    def take_worn(self, max_receives: int) -> list[Message]:
        """Remove and return the visible messages that were received that often, the first visible first."""
        with self._lock:
            now = time.time()
            self._promote(now)
            back = [(number, self._messages[number]) for number in sorted(self._is_back, key=self._place)]
            worn = [n for n, m in back if m["receive_count"] >= max_receives and m["visible_at"] <= now]
            return [self._drop(number) for number in worn]

    def take_older(self, cutoff: float) -> None:
        """Remove the messages that were sent at or before that moment."""
        with self._lock:
            while self._ages and self._ages[0][0] <= cutoff:
                number = heapq.heappop(self._ages)[1]
                if number in self._messages:
                    self._drop(number)

    def delete(self, receipt_handle: str) -> bool:
        """Remove the message that was received under this handle last; False when there is none."""
        with self._lock:
            number = self._handles.get(receipt_handle)
            if number is None:
                return False
            self._drop(number)
            return True

    def change_visibility(self, receipt_handle: str, at: float) -> bool:
        """Make the message that was received under this handle visible at that moment."""
        with self._lock:
            number = self._handles.get(receipt_handle)
            if number is None:
                return False
            self._hide(number, self._messages[number], at)
            return True

    def next_visible(self) -> float | None:
        """When the next message is visible, a moment in the past when one is; None when there is no message."""
        with self._lock:
            self._promote(time.time())
            while self._visible:
                message = self._messages.get(self._visible[0][1])
                if message is not None and message["visible_at"] <= time.time():
                    return float(message["visible_at"])
                self._is_visible.discard(heapq.heappop(self._visible)[1])
            return self._waiting[0][0] if self._waiting else None

    def clear(self) -> None:
        """Remove all messages."""
        with self._lock:
            self._forget()

    def remove(self, message: Message) -> None:
        """Remove the first message that equals this one; ValueError when there is none."""
        with self._lock:
            for number, kept in self._messages.items():
                if kept is message or kept == message:
                    self._drop(number)
                    return
        raise ValueError("the message is not in the queue")

    def _hide(self, number: int, message: Message, at: float) -> None:
        message["visible_at"] = at
        heapq.heappush(self._waiting, (at, number))

    def _promote(self, now: float) -> None:
        """Move messages that have become visible; entries of messages that were changed meanwhile are dropped."""
        while self._waiting and self._waiting[0][0] <= now:
            at, number = heapq.heappop(self._waiting)
            message = self._messages.get(number)
            if message is not None and message["visible_at"] == at and number not in self._is_visible:
                self._is_visible.add(number)
                heapq.heappush(self._visible, self._place(number))
            if message is not None and message["visible_at"] == at and message["receive_count"]:
                self._is_back.add(number)

    def _place(self, number: int) -> tuple[float, int]:
        """Where a message stands in the order of receiving."""
        return self._first_visible[number], number

    def _drop(self, number: int) -> Message:
        message = self._messages.pop(number)
        del self._first_visible[number]
        self._is_back.discard(number)
        if message["receipt_handle"] is not None:
            self._handles.pop(message["receipt_handle"], None)
        return message

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        with self._lock:
            return iter(list(self._messages.values()))

    def __getitem__(self, place: SupportsIndex) -> Message:
        if place.__index__() == -1:  # the one just appended
            with self._lock:
                return self._messages[next(reversed(self._messages))]
        return list(self)[place]

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Message]:
        return copy.deepcopy(list(self), memo)
