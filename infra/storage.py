"""The bucket of files and the secret that signs tokens."""

from typing import get_args

from chalicelib.files.model import Days
from infra.names import Json, ref

# Pages load and send files by presigned URLs, which are sufficient without any page, so all origins are allowed. A list
# of origins would need the address of the API, which needs this bucket.
_CORS: Json = {
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
    "AllowedHeaders": ["*"],
    "ExposedHeaders": ["ETag", "Content-Disposition", "Content-Length"],
    "MaxAge": 600,
}


def resources() -> Json:
    """Return bucket and secret. The name of the bucket is generated: another account may own any fixed name."""
    return {"FilesBucket": _bucket(), "JwtSecret": _secret()}


def outputs() -> Json:
    """Return the output with the name of the bucket."""
    return {"FilesBucketName": {"Value": ref("FilesBucket")}}


def _bucket() -> Json:
    kept = {"work/": 1, **{f"files/{days}d/": days for days in get_args(Days)}}
    expire = [
        {"Id": prefix.strip("/").replace("/", "-"), "Status": "Enabled", "Prefix": prefix, "ExpirationInDays": days}
        for prefix, days in kept.items()
    ]
    abort = {"Id": "abort-uploads", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
    return {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
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
            "LifecycleConfiguration": {"Rules": [*expire, abort]},
        },
    }


def _secret() -> Json:
    return {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Description": "The key that signs access tokens (HS256)",
            "GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": True},
        },
    }
