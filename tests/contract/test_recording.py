"""What is recorded on AWS, what is limited there, and that the parameters of both leave nothing behind when they are
off. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

import json
from typing import Any

import pytest

import app
from chalicelib.core import logs
from infra import domain, firewall, lambdas, recording
from infra.functions import functions
from infra.machines import MACHINES
from infra.names import function_id
from infra.stages import EXAMPLES
from infra.template import deployed_functions, merge_template

Json = dict[str, Any]
NOTHING = {"Ref": "AWS::NoValue"}
on_aws = pytest.mark.parametrize("stage", [stage for stage in EXAMPLES if stage != "local"])


def merged(stage: str) -> Json:
    """The template without what Chalice generates."""
    return merge_template(app.app, stage)


@on_aws
def test_a_call_is_logged_as_json_with_the_id_that_its_client_sees(stage: str) -> None:
    template = merged(stage)
    api = template["Resources"]["RestAPI"]["Properties"]
    condition, setting, otherwise = api["AccessLogSetting"]["Fn::If"]
    assert (condition, otherwise) == ("HasAccessLog", NOTHING)
    line = json.loads(setting["Format"])
    assert line["request_id"] == "$context.requestId"
    named = {"ip", "route", "method", "status", "latency", "integration_latency", "user_agent"}
    assert named <= set(line) and all(value.startswith("$context.") for value in line.values())
    log = template["Resources"][setting["DestinationArn"]["Fn::GetAtt"][0]]
    assert (log["Condition"], log["Properties"]["RetentionInDays"]) == ("HasAccessLog", logs.RETENTION_DAYS)


@on_aws
def test_the_log_of_calls_waits_for_the_role_of_the_account_which_outlives_the_stack(stage: str) -> None:
    """API Gateway refuses a stage with an access log while its account has no role, and has one role for all APIs.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-account.html
    """
    resources = merged(stage)["Resources"]
    (tag,) = resources[recording.API_LOG]["Properties"]["Tags"]
    assert tag["Value"] == {"Fn::If": ["MakesApiLogRole", {"Ref": recording.API_ACCOUNT}, "existing"]}
    account, role = resources[recording.API_ACCOUNT], resources["ApiLogRole"]
    assert account["Properties"] == {"CloudWatchRoleArn": {"Fn::GetAtt": ["ApiLogRole", "Arn"]}}
    assert account["Condition"] == role["Condition"] == "MakesApiLogRole"
    assert (role["DeletionPolicy"], "RoleName" in role["Properties"]) == ("RetainExceptOnCreate", False)


@on_aws
def test_failures_of_state_machines_are_logged_under_the_name_that_needs_no_policy_of_its_own(stage: str) -> None:
    """https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html"""
    template = merged(stage)
    assert template["Parameters"]["MachineLogLevel"]["Default"] == "ERROR"
    for machine in MACHINES:
        properties = template["Resources"][machine.logical_id]["Properties"]
        logging = properties["LoggingConfiguration"]
        (destination,) = logging["Destinations"]
        group = destination["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0]
        name = template["Resources"][group]["Properties"]["LogGroupName"]["Fn::Sub"]
        assert logging["Level"] == {"Ref": "MachineLogLevel"} and name.startswith("/aws/vendedlogs/states/")
        assert properties["TracingConfiguration"] == {"Enabled": {"Fn::If": ["IsTraced", True, False]}}


@on_aws
def test_traces_are_a_parameter_of_the_api_and_of_every_function(stage: str) -> None:
    template = merged(stage)
    assert template["Parameters"]["Tracing"]["Default"] == "PassThrough"
    assert template["Resources"]["RestAPI"]["Properties"]["TracingEnabled"] == {"Fn::If": ["IsTraced", True, False]}
    for name in deployed_functions(app.app):
        assert template["Resources"][function_id(name)]["Properties"]["Tracing"] == {"Ref": "Tracing"}


@on_aws
def test_the_firewall_counts_the_calls_of_each_address_and_is_there_only_with_a_limit(stage: str) -> None:
    template = merged(stage)
    assert template["Parameters"][firewall.LIMIT]["Default"] == 0
    made = firewall.resources()
    assert {one["Condition"] for one in made.values()} == {"HasFirewall"}
    (rule,) = made[firewall.ACL]["Properties"]["Rules"]
    assert rule["Action"] == {"Block": {}}
    expected = {"Limit": {"Ref": firewall.LIMIT}, "AggregateKeyType": "IP", "EvaluationWindowSec": 300}
    assert rule["Statement"]["RateBasedStatement"] == expected
    association = made[f"{firewall.ACL}OfApi"]["Properties"]
    assert association["WebACLArn"] == {"Fn::GetAtt": [firewall.ACL, "Arn"]}
    refusals = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    assert refusals["x-amazon-apigateway-gateway-responses"]["WAF_FILTERED"]["statusCode"] == 429


def test_the_local_stage_has_none_of_it() -> None:
    """The emulator does not know all of these types."""
    local, aws = merged("local"), merged("prod")
    kinds = {one.get("Type") for one in local["Resources"].values()}
    assert not kinds & {"AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation", "AWS::ApiGateway::Account"}
    only_on_aws = {"AccessLog", "MachineLogLevel", "Tracing", firewall.LIMIT, *domain.parameters()}
    assert set(aws["Parameters"]) - set(local["Parameters"]) == only_on_aws


@pytest.mark.parametrize("stage", EXAMPLES)
def test_concurrency_is_reserved_by_parameters_and_not_by_default(stage: str) -> None:
    """AWS refuses to reserve what would leave less than 100 to the other functions.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    template = merged(stage)
    assert {"relay", "sweep", "run_deferred"} <= set(lambdas.RESERVABLE)
    for name in deployed_functions(app.app):
        reserved = template["Resources"][function_id(name)]["Properties"].get("ReservedConcurrentExecutions")
        parameter = lambdas.RESERVABLE.get(name)
        assert reserved == (parameter and {"Fn::If": [f"Has{parameter}", {"Ref": parameter}, NOTHING]})
        if parameter:
            assert template["Parameters"][parameter]["Default"] == 0
            assert template["Conditions"][f"Has{parameter}"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, "0"]}]}


def test_calls_of_a_schedule_do_not_pile_up_while_their_function_is_throttled() -> None:
    """Lambda keeps an asynchronous call for six hours and makes it three times, unless it is told otherwise.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """
    resources = merged("prod")["Resources"]
    scheduled = {name for name, one in functions(deployed_functions(app.app)).items() if one.is_scheduled}
    assert scheduled == {"sweep", "refresh_analytics"}
    for name in deployed_functions(app.app):
        config = resources[function_id(name)]["Properties"].get("EventInvokeConfig")
        once = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
        assert config == (once if name in scheduled else None)
        for event in functions({name})[name].events.values() if name in scheduled else ():
            assert event["Properties"]["RetryPolicy"]["MaximumEventAgeInSeconds"] == 60
