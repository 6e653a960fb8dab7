"""The bucket of files and the secret that signs tokens."""

from typing import get_args

from chalicelib.files.model import Days
from infra.names import Json, ref

# Pages load and send files by presigned addresses, which are the right to do so and more than any origin: whoever has
# one needs no page. So there is no list of origins, which would need the address of the API, which needs this bucket.
_CORS: Json = {
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
    "AllowedHeaders": ["*"],
    "ExposedHeaders": ["ETag", "Content-Disposition", "Content-Length"],
    "MaxAge": 600,
}


def resources() -> Json:
    """Bucket and secret. The bucket's name is generated: a name of our own could be taken by another account."""
    return {"FilesBucket": _bucket(), "JwtSecret": _secret()}


def outputs() -> Json:
    """Where the files are."""
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
