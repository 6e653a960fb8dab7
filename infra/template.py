"""Puts the parts together: the template that `chalice package` merges over its own."""

from chalice import Chalice

from chalicelib.quotas import model as quotas
from infra import alarms, api, dashboard, lambdas, machines, messaging, schedules, shards, storage, tables
from infra.functions import functions
from infra.names import API_FUNCTION, Json, ref, sub

_QUOTA = f"({'|'.join(quotas.DEFAULTS)})=[0-9]{{1,9}}"
STAGES = ("local", "dev", "prod")


def deployed_functions(app: Chalice) -> set[str]:
    """The names of the functions in app.py."""
    return {API_FUNCTION} | {function.name for function in app.pure_lambda_functions}


def merge_template(app: Chalice, stage: str) -> Json:
    """Everything of the stack that Chalice does not generate, and what corrects the things it does."""
    table = functions(deployed_functions(app))
    return {
        "Description": f"Shopfloor, stage {stage}",
        "Parameters": _parameters(stage),
        **_rules(stage),
        "Conditions": {"HasAlarmTopic": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmTopicArn"}, ""]}]}},
        "Resources": {
            **tables.resources(),
            **storage.resources(),
            **messaging.resources(),
            **schedules.resources(),
            **lambdas.resources(table, stage),
            **machines.resources(table),
            **alarms.resources(),
            **dashboard.resources(table),
            "RestAPI": api.overlay(app),
        },
        "Outputs": {**storage.outputs(), **messaging.outputs(), **_outputs()},
    }


def _rules(stage: str) -> Json:
    """What CloudFormation refuses before it touches anything: only the local stage may be open to everybody."""
    if stage == "local":
        return {}
    told = f"AuthRequired=false would make an administrator of every stranger; the stage {stage} needs true"
    required = {"Assert": {"Fn::Equals": [ref("AuthRequired"), "true"]}, "AssertDescription": told}
    return {"Rules": {"TokensAreRequired": {"Assertions": [required]}}}


def _daily_quotas(stage: str) -> str:
    """Those of quotas/model.py; on the local stage, where nothing costs money, a hundred times as much."""
    return ",".join(f"{name}={most * (100 if stage == 'local' else 1)}" for name, most in quotas.DEFAULTS.items())


def _parameters(stage: str) -> Json:
    flag = {"Type": "String", "AllowedValues": ["true", "false"]}
    return {
        "AuthRequired": {**flag, "Default": "false" if stage == "local" else "true"},
        "Registration": {
            "Type": "String",
            "Default": "open" if stage == "local" else "closed",
            "AllowedValues": ["open", "closed"],
            "Description": "open: anybody may make an account (role user) by POST /v1/users/register",
        },
        "CloseRequiresAggregation": {**flag, "Default": "false"},
        "DynamoDBWithBoto3": {
            **flag,
            "Default": "false",
            "Description": "true: call DynamoDB with boto3's client instead of the service's own, lighter one",
        },
        "LogLevel": {"Type": "String", "Default": "INFO", "AllowedValues": ["DEBUG", "INFO", "WARNING", "ERROR"]},
        "MailFrom": {
            "Type": "String",
            "Default": "",
            "Description": "The verified sender of e-mails; empty: none are sent",
        },
        "PublicUrl": {
            "Type": "String",
            "Default": "",
            "AllowedPattern": r"(https?://\S*[^\s/])?",
            "Description": "Where clients find the API and its console, for links in e-mails, e.g. https://shop.example.com",
        },
        "RateLimit": {
            "Type": "Number",
            "Default": 60_000 if stage == "local" else 6_000,
            "MinValue": 1,
            "Description": "Calls a minute of one client, at each instance of the api function",
        },
        "DailyQuotas": {
            "Type": "String",
            "Default": _daily_quotas(stage),
            "AllowedPattern": f"^({_QUOTA}(,{_QUOTA})*)?$",
            "Description": "How much one user may make in a day (UTC); what is not named has its default",
        },
        "DeferredInFlight": {
            "Type": "Number",
            "Default": 2 if stage == "local" else 3,
            "MinValue": 1,
            "MaxValue": 1_000,
            "Description": "Calls of run_outside, of up to ten deferred tasks each, that one user's tasks have at once",
        },
        "CorsOrigins": {
            "Type": "String",
            "Default": "",
            "Description": "Origins whose pages may call the API, with commas between; * for all, empty for none",
        },
        **shards.parameters(stage),
        **(_local_parameters() if stage == "local" else {}),
        "AlarmTopicArn": {"Type": "String", "Default": "", "Description": "An SNS topic told of alarms; empty: nobody"},
    }


def _local_parameters() -> Json:
    told = "Where infra/console.py builds the console; empty: it lies in the package"
    return {"ConsoleFolder": {"Type": "String", "Default": "", "Description": told}}


def _outputs() -> Json:
    url = "https://${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/" + api.STAGE_NAME
    return {"ApiUrl": {"Value": sub(url)}}
