"""The bucket of files and the secret that signs tokens."""

from typing import get_args

from chalicelib.files.model import Days
from infra.names import Json, arn_of, kept, ref, sub

# Pages load and send files by presigned URLs, which are sufficient without any page, so all origins are allowed. A list
# of origins would need the address of the API, which needs this bucket.
NONCURRENT_DAYS = 30  # for which a deleted or replaced attachment can be brought back
_CORS: Json = {
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
    "AllowedHeaders": ["*"],
    "ExposedHeaders": ["ETag", "Content-Disposition", "Content-Length"],
    "MaxAge": 600,
}


def resources(stage: str) -> Json:
    """Return bucket and secret. The name of the bucket is generated: another account may own any fixed name.

    The emulator has no TLS, and deletes no old versions.
    """
    if stage == "local":
        return {"FilesBucket": _bucket(), "JwtSecret": _secret()}
    versions = {"VersioningConfiguration": {"Status": "Enabled"}}
    return {"FilesBucket": _bucket(**versions), "FilesBucketPolicy": _bucket_policy(), "JwtSecret": _secret()}


def outputs() -> Json:
    """Return the output with the name of the bucket."""
    return {"FilesBucketName": {"Value": ref("FilesBucket")}}


def _lifecycle() -> list[Json]:
    """Return the rules that delete files after their time. The bucket keeps versions because attachments of defects
    have no other copy; old versions of files that can be made again are deleted at once.
    """
    days_kept = {"work/": 1, **{f"files/{days}d/": days for days in get_args(Days)}}
    expire = [
        {
            "Id": prefix.strip("/").replace("/", "-"),
            "Status": "Enabled",
            "Prefix": prefix,
            "ExpirationInDays": days,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        }
        for prefix, days in days_kept.items()
    ]
    noncurrent = [
        {
            "Id": f"old-{prefix.strip('/')}",
            "Status": "Enabled",
            "Prefix": prefix,
            "NoncurrentVersionExpiration": {"NoncurrentDays": days},
            "ExpiredObjectDeleteMarker": True,
        }
        for prefix, days in {"defects/": NONCURRENT_DAYS, "reports/": 1}.items()
    ]
    abort = {"Id": "abort-uploads", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
    return [*expire, *noncurrent, abort]


def _bucket(**more: Json) -> Json:
    properties = {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "CorsConfiguration": {"CorsRules": [_CORS]},
        "LifecycleConfiguration": {"Rules": _lifecycle()},
        **more,
    }
    return kept({"Type": "AWS::S3::Bucket", "Properties": properties})


def _bucket_policy() -> Json:
    """Return the policy that refuses requests without TLS."""
    statement = {
        "Sid": "OnlyWithTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn_of("FilesBucket"), sub("${FilesBucket.Arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"Bucket": ref("FilesBucket"), "PolicyDocument": document}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": properties}


def _secret() -> Json:
    return {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Description": "The key that signs access tokens (HS256)",
            "GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": True},
        },
    }
