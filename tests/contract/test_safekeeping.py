"""What holds data is kept, protected and closed; and a creation that failed leaves nothing in the way of the next."""

from typing import Any

import pytest

import app
from infra.deploying.parameters import PROTECTION
from infra.stages import EXAMPLES
from infra.template import merge_template

Json = dict[str, Any]
HOLDERS = {"AWS::DynamoDB::Table", "AWS::S3::Bucket"}
ON_AWS = [stage for stage in EXAMPLES if stage != "local"]
of_aws = pytest.mark.parametrize("stage", ON_AWS)
of_all = pytest.mark.parametrize("stage", EXAMPLES)


def resources(stage: str) -> Json:
    """Of the template, but what Chalice generates."""
    found: Json = merge_template(app.app, stage)["Resources"]
    return found


def of_type(stage: str, *kinds: str) -> dict[str, Json]:
    """The resources of some types."""
    return {name: one for name, one in resources(stage).items() if one.get("Type") in kinds}


@of_all
def test_what_holds_data_outlives_the_stack_but_not_a_creation_that_failed(stage: str) -> None:
    """UpdateReplacePolicy has no RetainExceptOnCreate.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatereplacepolicy.html
    """
    dead = {name for name in of_type(stage, "AWS::SQS::Queue") if name.endswith("Dlq")}
    keeping = dead | set(of_type(stage, *HOLDERS))
    keeping |= set() if stage == "local" else {"ApiLogRole"}  # other APIs of the account may depend on it
    for name, resource in resources(stage).items():
        policies = (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        assert (policies == ("RetainExceptOnCreate", "Retain")) == (name in keeping), name
        assert "Retain" not in policies[:1], name


@pytest.mark.parametrize(("stage", "default"), [("local", "false"), ("dev", "false"), ("prod", "true")])
def test_tables_are_protected_by_a_parameter(stage: str, default: str) -> None:
    template = merge_template(app.app, stage)
    assert template["Parameters"][PROTECTION]["Default"] == default
    assert template["Conditions"]["IsProtected"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": PROTECTION}, "false"]}]}
    protection = {"Fn::If": ["IsProtected", True, False]}
    tables = of_type(stage, "AWS::DynamoDB::Table").values()
    assert all(table["Properties"]["DeletionProtectionEnabled"] == protection for table in tables)


@of_aws
def test_the_bucket_keeps_versions_of_what_has_no_second_copy_and_forgets_those_of_all_else(stage: str) -> None:
    (bucket,) = of_type(stage, "AWS::S3::Bucket").values()
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    days = {rule["Prefix"]: rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules if "Prefix" in rule}
    assert days == {"defects/": 30, **dict.fromkeys(["work/", "reports/", "files/1d/", "files/7d/"], 1)}


@of_aws
def test_the_bucket_is_closed_to_the_public_and_to_requests_without_tls(stage: str) -> None:
    (bucket,) = of_type(stage, "AWS::S3::Bucket").values()
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    (policy,) = of_type(stage, "AWS::S3::BucketPolicy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert policy["Properties"]["Bucket"] == {"Ref": "FilesBucket"}
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "s3:*", "*")
    assert statement["Resource"] == [{"Fn::GetAtt": ["FilesBucket", "Arn"]}, {"Fn::Sub": "${FilesBucket.Arn}/*"}]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_pages_of_every_origin_may_send_and_load_files_by_signed_addresses() -> None:
    (bucket,) = of_type("prod", "AWS::S3::Bucket").values()
    (rule,) = bucket["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["*"] and {"GET", "PUT", "POST"} <= set(rule["AllowedMethods"])
