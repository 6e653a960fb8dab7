"""The bucket with code and templates, named by content. It is the only resource outside the stack.

Every call names the account that owns the bucket: another account may have made a bucket with this
name, and would get the code (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html).
"""

import hashlib
import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.deploying.failures import DeployFailed
from infra.names import Json

KEPT_DAYS = 30
DELETED_AT_ONCE = 1_000  # the most that one call takes
_RECORD = "Shopfloor"  # in the metadata of a template
_PRIVATE = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
_ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
_ABORT = {
    "Rules": [
        {
            "ID": "abort-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
    ]
}


class Artifacts:
    """The artifacts of one stack; those that it does not use are kept for a while, by default for 30 days."""

    def __init__(self, s3: Any, account: str, region: str, stack: str, kept_days: int = KEPT_DAYS) -> None:
        self._s3 = s3
        self._kept = timedelta(days=kept_days)
        self._region = region
        self._stack = stack
        self.bucket = bucket_name(account, region)
        self._place = {"Bucket": self.bucket, "ExpectedBucketOwner": account}

    def prepare(self) -> None:
        """Create the bucket if it does not exist; it is encrypted, private, and refuses calls without TLS."""
        status = self._status()
        if status == 403:
            raise DeployFailed(f"the bucket {self.bucket} belongs to another account, or this caller may not use it")
        if status == 404:
            self._create()
        self._s3.put_bucket_encryption(**self._place, ServerSideEncryptionConfiguration=_ENCRYPTED)
        self._s3.put_public_access_block(**self._place, PublicAccessBlockConfiguration=_PRIVATE)
        self._s3.put_bucket_policy(**self._place, Policy=json.dumps(self._tls_only()))
        self._s3.put_bucket_lifecycle_configuration(**self._place, LifecycleConfiguration=_ABORT)

    def upload(self, body: bytes, suffix: str) -> str:
        """Store an artifact unless it is there; return its key."""
        return self._store(self._key(body, suffix), body)

    def upload_template(self, template: Json) -> str:
        """Store a template that names its own key (see `template`); return the key."""
        bare = {name: value for name, value in template.items() if name != "Metadata"}
        key = self._key(json.dumps(bare).encode(), "json")
        return self._store(key, json.dumps({**bare, "Metadata": {_RECORD: {"Artifact": key}}}).encode())

    def template(self, deployed: Json) -> Json:
        """Return a deployed template as it was uploaded. CloudFormation itself returns `?` for each letter beyond ASCII
        (mangleLikeCloudFormation in https://github.com/aws/aws-cdk-cli, packages/@aws-cdk/cloudformation-diff).
        """
        try:
            body = self._s3.get_object(**self._place, Key=key_of(deployed))["Body"].read()
        except (KeyError, self._s3.exceptions.NoSuchKey, self._s3.exceptions.NoSuchBucket):
            return deployed  # of an earlier release, or the bucket was emptied
        template: Json = json.loads(body)
        return template

    def url(self, key: str) -> str:
        """Return the address of a template for CloudFormation."""
        suffix = "amazonaws.com.cn" if self._region.startswith("cn-") else "amazonaws.com"
        return f"https://s3.{self._region}.{suffix}/{self.bucket}/{key}"

    def prune(self, used: Collection[str]) -> None:
        """Delete the old artifacts. A rollback needs those that were deployed before: `used` are kept."""
        oldest = datetime.now(UTC) - self._kept
        pages = self._s3.get_paginator("list_objects_v2").paginate(**self._place, Prefix=f"{self._stack}/")
        found = [one for page in pages for one in page.get("Contents", ())]
        self._delete([one["Key"] for one in found if one["LastModified"] < oldest and one["Key"] not in used])

    def delete(self) -> None:
        """Delete all artifacts of the stack; the bucket stays, for other stages."""
        if self._status() == 200:
            pages = self._s3.get_paginator("list_objects_v2").paginate(**self._place, Prefix=f"{self._stack}/")
            self._delete([one["Key"] for page in pages for one in page.get("Contents", ())])

    def _key(self, body: bytes, suffix: str) -> str:
        return f"{self._stack}/{hashlib.sha256(body).hexdigest()}.{suffix}"

    def _store(self, key: str, body: bytes) -> str:
        try:
            self._s3.head_object(**self._place, Key=key)
        except self._s3.exceptions.ClientError as error:
            if _status_of(error) != 404:
                raise
            self._s3.put_object(**self._place, Key=key, Body=body)
        return key

    def _delete(self, keys: list[str]) -> None:
        for start in range(0, len(keys), DELETED_AT_ONCE):
            objects = [{"Key": key} for key in keys[start : start + DELETED_AT_ONCE]]
            self._s3.delete_objects(**self._place, Delete={"Objects": objects, "Quiet": True})

    def _status(self) -> int:
        try:
            self._s3.head_bucket(**self._place)
        except self._s3.exceptions.ClientError as error:
            if _status_of(error) not in (403, 404):
                raise
            return _status_of(error)
        return 200

    def _create(self) -> None:
        place: Json = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        try:
            self._s3.create_bucket(Bucket=self.bucket, **(place if self._region != "us-east-1" else {}))
        except self._s3.exceptions.BucketAlreadyExists:
            raise DeployFailed(f"the name of the bucket {self.bucket} is taken by another account") from None

    def _tls_only(self) -> Json:
        partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(self._region.rpartition("-")[0].rpartition("-")[0])
        arn = f"arn:{partition or 'aws'}:s3:::{self.bucket}"
        statement = {
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        return {"Version": "2012-10-17", "Statement": [statement]}


def bucket_name(account: str, region: str) -> str:
    """Return the name of the bucket, which all stages of an account in a region share."""
    return f"shopfloor-artifacts-{account}-{region}"


def key_of(template: Json) -> str:
    """Return the key under which a template was uploaded; KeyError when it does not say so."""
    key: str = template["Metadata"][_RECORD]["Artifact"]
    return key


def _status_of(error: Any) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
