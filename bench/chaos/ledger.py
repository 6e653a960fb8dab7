"""The record of a chaos run: what was acknowledged, and expectations of its end."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from bench.chaos.client import Client

Fact = Callable[[Client], bool]


@dataclass
class Ledger:
    """What was acknowledged: by list the name and the id; what was refused; facts that hold at the end; and what went
    wrong on the way.
    """

    made: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    refused: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    facts: list[tuple[str, str, Fact]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def expect(self, kind: str, what: str, fact: Fact) -> None:
        """An expectation of the end of the run."""
        self.facts.append((kind, what, fact))


def is_whole(batch: Any, codes: list[str]) -> bool:
    """Whether a batch is closed, with these products, all aggregated."""
    products = batch["products"]
    all_aggregated = all(product["is_aggregated"] for product in products)
    return batch["is_closed"] and all_aggregated and sorted(one["unique_code"] for one in products) == sorted(codes)


def can_be_downloaded(client: Client, url: str) -> bool:
    """Return whether a file can be downloaded."""
    found = requests.get(client.send("GET", url), timeout=30)
    return found.status_code == 200 and len(found.content) > 0


def report_is(client: Client, path: str, status: str) -> bool:
    """Whether a report has a status, and a file when it is completed."""
    report = client.get(path)
    return report["status"] == status and (status != "completed" or can_be_downloaded(client, f"{path}/download"))


def has_one_of_each(client: Client, path: str) -> bool:
    """Whether a defect has one comment and one photo."""
    comments, photos = client.get(f"{path}/comments")["items"], client.get(f"{path}/attachments")["items"]
    return len(comments) == 1 and [photo["uploaded"] for photo in photos] == [True]
