"""What `make deploy` sends, says and refuses."""

import argparse
from typing import Any

import pytest
from botocore import exceptions

from chalicelib.core.aws import client
from infra import deploy, destroy
from infra.deploying import changes, parameters
from infra.deploying.failures import DeployFailed, in_words, one_line_errors
from infra.stages import stage_name
from tests.unit.infra.commands import OF_EVERY_STAGE

Json = dict[str, Any]
TEMPLATE: Json = {
    "Parameters": {
        "LogLevel": {"Type": "String", "Default": "INFO"},
        "MailFrom": {"Type": "String", "Default": ""},
        "New": {"Type": "String", "Default": "1"},
        "ListingShards": {"Type": "Number", "Default": 6},
        "CounterShards": {"Type": "Number", "Default": 16},
    }
}


def stack(**values: str) -> Json:
    """What DescribeStacks says of a stack with these parameters."""
    shards = {"ListingShards": "6", "CounterShards": "16"}
    given = (shards | values).items()
    return {"Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in given]}


def sent(found: list[Json]) -> Json:
    """The parameters of a request, None for those that stay."""
    assert len({one["ParameterKey"] for one in found}) == len(found)
    return {one["ParameterKey"]: one.get("ParameterValue") for one in found}


def test_what_is_not_given_stays_and_what_is_gone_is_left_out() -> None:
    present = stack(LogLevel="DEBUG", MailFrom="a@example.com", Gone="1")
    found = sent(parameters.to_send(TEMPLATE, present, {"LogLevel": "INFO"}))
    assert found == {"LogLevel": "INFO", "MailFrom": None, "ListingShards": None, "CounterShards": None}


def test_a_new_stack_gets_what_is_given() -> None:
    assert sent(parameters.to_send(TEMPLATE, None, {"MailFrom": ""})) == {"MailFrom": ""}


@pytest.mark.parametrize(
    ("given", "said"), [("loglevel", "LogLevel"), ("MailFro", "MailFrom"), ("Zzz", "CounterShards, ")]
)
def test_an_unknown_parameter_is_refused_with_the_nearest_one(given: str, said: str) -> None:
    with pytest.raises(DeployFailed, match=f"no parameter {given}: .*{said}"):
        parameters.to_send(TEMPLATE, stack(), {given: "x"})


@pytest.mark.parametrize("value", ["5", "many"])
def test_shards_are_not_lowered(value: str) -> None:
    with pytest.raises(DeployFailed):
        parameters.to_send(TEMPLATE, stack(), {"ListingShards": value})


def test_production_needs_a_topic_for_its_alarms_now_or_before() -> None:
    topic = {"AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms"}
    parameters.refuse_without_alarms("prod", stack(**topic), {})
    parameters.refuse_without_alarms("prod", None, topic)
    parameters.refuse_without_alarms("staging", None, {})
    for present, given in ((None, {}), (stack(AlarmTopicArn=""), {}), (stack(**topic), {"AlarmTopicArn": ""})):
        with pytest.raises(DeployFailed, match="ALARMS=0"):
            parameters.refuse_without_alarms("prod", present, given)


@pytest.mark.parametrize("name", ["dev", "prod", "plant2", "a1", "a" * 20])
def test_any_short_name_is_a_stage(name: str) -> None:
    assert stage_name(name) == name


@pytest.mark.parametrize("name", ["", "a", "2plant", "Prod", "plant-2", "plant_2", "завод", "a" * 21, "dev\n"])
def test_other_names_are_no_stages(name: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        stage_name(name)


def change(action: str, kind: str = "AWS::DynamoDB::Table", **more: Any) -> Json:
    """A change of a change set."""
    return {"Action": action, "LogicalResourceId": "One", "ResourceType": kind, **more}


def detail(name: str, recreation: str) -> Json:
    """What causes a change."""
    return {"Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}}


KEPT = [
    (change("Add"), "added"),
    (change("Modify", Replacement="False", Details=[detail("TimeToLiveSpecification", "Never")]), "changed"),
    (change("Modify", Replacement="Conditional", Details=[detail("AttributeDefinitions", "Conditionally")]), "changed"),
    (change("Modify", "AWS::S3::Bucket", Details=[detail("LifecycleConfiguration", "Conditionally")]), "changed"),
    (change("Remove", PolicyAction="Retain"), "left out, kept"),
    (change("Remove", "AWS::SQS::Queue", PolicyAction="Delete"), "deleted"),
    (change("Modify", "AWS::Lambda::Function", Replacement="True"), "replaced"),
    (change("Remove", "AWS::Lambda::Function"), "deleted"),
]
LOST = [
    (change("Modify", Replacement="True", Details=[detail("KeySchema", "Always")]), "replaced"),
    (change("Modify", Replacement="Conditional", Details=[detail("TableName", "Always")]), "perhaps replaced"),
    (change("Modify", "AWS::S3::Bucket", Details=[detail("BucketName", "Conditionally")]), "perhaps replaced"),
    (change("Modify", "AWS::SQS::Queue", Replacement="True"), "replaced"),
    (change("Modify", "AWS::SecretsManager::Secret", Replacement="True"), "replaced"),
    (change("Remove", PolicyAction="Delete"), "deleted"),
    (change("Remove", "AWS::SecretsManager::Secret"), "deleted"),
]


@pytest.mark.parametrize(("one", "word"), [*KEPT, *LOST])
def test_a_change_is_told_in_words(one: Json, word: str) -> None:
    (line,) = changes.lines([one])
    assert line.split("  ")[1] == word
    assert "One" in line


@pytest.mark.parametrize("one", [one for one, _ in KEPT])
def test_what_keeps_the_data_is_allowed(one: Json) -> None:
    assert changes.loss([one]) is None


@pytest.mark.parametrize(("one", "word"), LOST)
def test_what_would_lose_data_is_refused(one: Json, word: str) -> None:
    assert f"One would be {word}" in str(changes.loss([change("Add"), one]))


def refused(code: str, message: str = "", status: int = 400) -> exceptions.ClientError:
    """An answer of AWS."""
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return exceptions.ClientError(response, "CreateChangeSet")


ERRORS = [
    (exceptions.NoCredentialsError(), "no AWS credentials were found"),
    (exceptions.NoRegionError(), "no AWS region is set"),
    (exceptions.ProfileNotFound(profile="plant"), "plant"),
    (exceptions.EndpointConnectionError(endpoint_url="https://x"), "AWS cannot be reached"),
    (exceptions.ConnectTimeoutError(endpoint_url="https://x"), "AWS cannot be reached"),
    (exceptions.UnauthorizedSSOTokenError(), "has expired: aws sso login"),
    (refused("ExpiredToken"), "have expired"),
    (refused("InvalidClientTokenId"), "does not know these credentials"),
    (refused("SignatureDoesNotMatch"), "clock of this machine"),
    (
        refused(
            "AccessDenied", "User: u is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::b because"
        ),
        "AWS denies s3:PutObject on arn:aws:s3:::b",
    ),
    (refused("AccessDenied", "Access Denied"), "AWS denies CreateChangeSet"),
    (refused("ValidationError", "the template is wrong"), "the template is wrong"),
    (refused("ValidationError", "Stack with id shopfloor-plant2 does not exist"), "this stage is not deployed"),
    (refused("ResourceNotFoundException", "Function not found: x"), "this stage is not deployed"),
    (refused("AWS.SimpleQueueService.NonExistentQueue"), "this stage is not deployed"),
    (exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:4566"), "no local stack answers"),
]


@pytest.mark.parametrize(("error", "said"), ERRORS)
def test_an_error_is_one_line_that_says_what_to_do(error: Exception, said: str) -> None:
    with pytest.raises(SystemExit) as ended, one_line_errors():
        raise error
    assert said in str(ended.value) and "\n" not in str(ended.value)
    assert said in in_words(error)


COMMANDS = [*OF_EVERY_STAGE, (deploy, ["--yes"]), (destroy, [])]
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
REGION = {"AWS_DEFAULT_REGION": "eu-central-1"}
SITUATIONS = {
    "no AWS credentials were found": REGION,
    "no AWS region is set": KEYS,
    "AWS cannot be reached": {**KEYS, **REGION, "AWS_ENDPOINT_URL": "http://aws.invalid", "AWS_MAX_ATTEMPTS": "1"},
}


@pytest.mark.parametrize(("command", "arguments"), COMMANDS, ids=lambda one: getattr(one, "__name__", ""))
@pytest.mark.parametrize("said", SITUATIONS)
def test_a_command_that_cannot_reach_aws_ends_with_one_line(
    command: Any, arguments: list[str], said: str, monkeypatch: Any
) -> None:
    for name in (*KEYS, *REGION, "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**SITUATIONS[said], "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    for file in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(file, "/dev/null")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # of an earlier test: it has the credentials of then
    client.cache_clear()
    monkeypatch.setattr("sys.argv", ["command", "--stage", "plant2", *arguments])
    with pytest.raises(SystemExit, match=said) as ended:
        command.main()
    assert "\n" not in str(ended.value)


def test_an_interrupted_command_says_that_aws_goes_on() -> None:
    with pytest.raises(SystemExit, match="the same command follows it"), one_line_errors():
        raise KeyboardInterrupt


def test_without_a_terminal_nothing_is_asked(monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115
    with pytest.raises(DeployFailed, match="YES=1"):
        deploy.ask()


def test_the_end_says_where_everything_is_and_what_is_missing() -> None:
    outputs = {"ApiUrl": "https://a.example/api", "Url": "https://shop.example/x", "DomainTarget": "d-1.example"}
    lines = "\n".join(deploy.summary("prod", outputs, {"DomainName": "shop.example", "MailFrom": "a@example.com"}))
    assert "console   https://shop.example/x/console" in lines
    assert "shop.example is to be a CNAME of d-1.example" in lines
    assert "AlarmTopicArn" in lines and "MailFrom" not in lines and "make admin STAGE=prod" in lines
    assert "next" not in "\n".join(deploy.summary("local", {"ApiUrl": "http://127.0.0.1"}, {}))


def test_parameters_are_read_as_a_shell_reads_words() -> None:
    text = """LogLevel=DEBUG CompanyName="Two words" 'MailFrom=Shop <shop@example.com>' Empty= TimeZone=Asia/Almaty"""
    assert parameters.given(text) == {
        "LogLevel": "DEBUG",
        "CompanyName": "Two words",
        "MailFrom": "Shop <shop@example.com>",
        "Empty": "",
        "TimeZone": "Asia/Almaty",
    }
    assert parameters.given("") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("LogLevel", "LogLevel has no value"),
        ('Name="two words', "cannot be read"),
        ("TimeZone=Europe/Moskow", "is Europe/Moscow meant"),
        ("TimeZone=", "no time zone"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(DeployFailed, match=said):
        parameters.given(text)
