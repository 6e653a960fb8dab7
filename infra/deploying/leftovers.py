"""What of a stack outlives it: tables, buckets and dead letter queues, found by their names."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_POLL_SECONDS = 2.0


@dataclass(frozen=True)
class Leftovers:
    """The names of what is there; of queues the addresses."""

    tables: list[str] = field(default_factory=list)
    buckets: list[str] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.tables or self.buckets or self.queues)

    def __str__(self) -> str:
        found = (_counted(self.tables, "table"), _counted(self.buckets, "bucket"), _counted(self.queues, "queue"))
        return ", ".join(text for text in found if text)


class Data:
    """The data of a stack, with or without the stack."""

    def __init__(self, clients: Any, account: str, stack: str, poll: float = _POLL_SECONDS) -> None:
        self._dynamodb = clients("dynamodb")
        self._s3 = clients("s3")
        self._sqs = clients("sqs")
        self._account = account
        self._prefix = f"{stack}-"  # no stage has a dash in its name
        self._poll = poll

    def find(self) -> Leftovers:
        """Return what there is."""
        tables = (name for page in self._pages(self._dynamodb, "list_tables") for name in page["TableNames"])
        region = self._s3.meta.region_name
        pages = self._pages(self._s3, "list_buckets", Prefix=self._prefix, BucketRegion=region)
        buckets = (one["Name"] for page in pages for one in page.get("Buckets", ()))
        pages = self._pages(self._sqs, "list_queues", QueueNamePrefix=self._prefix)
        queues = (url for page in pages for url in page.get("QueueUrls", ()))
        return Leftovers(
            [name for name in tables if name.startswith(self._prefix)],
            [name for name in buckets if name.startswith(self._prefix)],
            [url for url in queues if url.endswith("-dlq")],
        )

    def delete(self, found: Leftovers) -> Iterator[str]:
        """Delete it; yield a line for each."""
        for name in found.tables:
            self._delete_table(name)
            yield f"  deleted  {name} (DynamoDB table)"
        for name in found.buckets:
            count = self._empty(name)
            self._s3.delete_bucket(Bucket=name, ExpectedBucketOwner=self._account)
            yield f"  deleted  {name} (S3 bucket, {count} objects and versions)"
        for url in found.queues:
            self._sqs.delete_queue(QueueUrl=url)
            yield f"  deleted  {url.rpartition('/')[2]} (SQS queue)"

    def _delete_table(self, name: str) -> None:
        """Delete a table, also a protected one."""
        self._at_rest(name)
        if self._dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
            self._dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
            self._at_rest(name)
        self._dynamodb.delete_table(TableName=name)

    def _empty(self, bucket: str) -> int:
        """Delete all objects of a bucket with their versions; return the number."""
        place, count = {"Bucket": bucket, "ExpectedBucketOwner": self._account}, 0
        for page in self._pages(self._s3, "list_object_versions", **place):
            listed = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
            if objects:
                self._s3.delete_objects(**place, Delete={"Objects": objects, "Quiet": True})
            count += len(objects)
        return count

    def _at_rest(self, table: str) -> None:
        while self._dynamodb.describe_table(TableName=table)["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(self._poll)

    @staticmethod
    def _pages(client: Any, operation: str, **arguments: Any) -> Any:
        return client.get_paginator(operation).paginate(**arguments)


def _counted(names: list[str], word: str) -> str:
    return f"{len(names)} {word}{'s' if len(names) > 1 else ''}" if names else ""
