"""The template that `chalice package` merges over its own: all parts of the stack that Chalice does not generate."""

from chalice import Chalice

from chalicelib.quotas import model as quotas
from infra import (
    alarms,
    api,
    dashboard,
    domain,
    firewall,
    lambdas,
    machines,
    messaging,
    recording,
    schedules,
    shards,
    storage,
    tables,
)
from infra.functions import functions
from infra.names import API_FUNCTION, Json, ref, sub, unless

_QUOTA = f"({'|'.join(quotas.DEFAULTS)})=[0-9]{{1,9}}"
_CONSOLE_FOLDER = "The folder in which infra/console.py builds the console; empty: the console is in the package"
_AUTH_REQUIRED = (
    "Calls need a token or an API key. CloudFormation and every function refuse false on every stage but local"
)
_MAIL_FROM = (
    "The sender of emails, an address or domain verified in SES; empty: no emails. Then a report with user_email is "
    "refused with 503, new users get no invitation, and administrators reset forgotten passwords"
)
_BOTO3 = "true: call DynamoDB with boto3's client instead of the service's own, lighter one (core/dynamo_transport.py)"
_IN_FLIGHT = "Calls of run_outside, of up to ten deferred tasks each, that one user's tasks have at once, of {} in all"
_TIME_ZONE = (
    "The zone of the site, a name of the IANA database as Europe/Moscow: of times that are sent without an offset, of "
    "reports, and of today, before which overdue defects were due and with which periods of analytics end"
)
_PROTECTION = "true: DynamoDB refuses to delete a table. Set it to false before one is to be replaced or removed"

_LOGO = (
    "The logo on reports: the key of a PNG or JPEG of at most 1 MB in the files bucket, as brand/logo.png; empty: none"
)


def deployed_functions(app: Chalice) -> set[str]:
    """Return the names of the functions in app.py."""
    return {API_FUNCTION} | {function.name for function in app.pure_lambda_functions}


def merge_template(app: Chalice, stage: str) -> Json:
    """Return all that Chalice does not generate, and corrections of what it generates."""
    table = functions(deployed_functions(app))
    return {
        "Description": f"Shopfloor, stage {stage}",
        "Parameters": _parameters(stage),
        **_rules(stage),
        "Conditions": _conditions(stage),
        "Resources": {
            **tables.resources(),
            **storage.resources(stage),
            **messaging.resources(),
            **schedules.resources(),
            **lambdas.resources(table, stage),
            **machines.resources(table, stage),
            **({} if stage == "local" else {**recording.resources(), **firewall.resources(), **domain.resources()}),
            **alarms.resources(),
            **dashboard.resources(table),
            "RestAPI": api.overlay(app, stage),
        },
        "Outputs": {**storage.outputs(), **messaging.outputs(), **_outputs(stage)},
    }


def _conditions(stage: str) -> Json:
    return {
        **lambdas.conditions(),
        **({} if stage == "local" else {**recording.conditions(), **firewall.conditions(), **domain.conditions()}),
        "HasAlarmTopic": unless("AlarmTopicArn", ""),
        "IsProtected": unless("DeletionProtection", "false"),
    }


def _rules(stage: str) -> Json:
    """Return the rules that CloudFormation checks before it changes anything: only a local stack may be open."""
    if stage == "local":
        return {}
    reason = f"AuthRequired=false would make every caller an administrator; the stage {stage} needs true"
    required = {"Assert": {"Fn::Equals": [ref("AuthRequired"), "true"]}, "AssertDescription": reason}
    return {"Rules": {"TokensAreRequired": {"Assertions": [required]}, **domain.rules()}}


def _daily_quotas(stage: str) -> str:
    """Return the defaults of quotas/model.py, a hundred times as much on the local stage, where calls cost nothing."""
    return ",".join(f"{name}={most * (100 if stage == 'local' else 1)}" for name, most in quotas.DEFAULTS.items())


def _parameters(stage: str) -> Json:
    """Return the settings that a deployment may change (docs/deploying.md)."""
    return {
        **_access_parameters(stage),
        **_address_parameters(),
        **_limit_parameters(stage),
        **shards.parameters(stage),
        **lambdas.parameters(),
        **({} if stage == "local" else {**recording.parameters(), **firewall.parameters(), **domain.parameters()}),
        "CloseRequiresAggregation": _flag("false", "true: a batch is closed only when all its products are aggregated"),
        "TimeZone": {**_text(_TIME_ZONE, "UTC"), "AllowedPattern": r"[A-Za-z][A-Za-z0-9_+/-]*"},
        "CompanyName": {**_text("The name on reports; empty: Shopfloor"), "MaxLength": 200},
        "CompanyLogo": {**_text(_LOGO), "AllowedPattern": r"(brand/[A-Za-z0-9._-]+\.(png|jpg|jpeg))?"},
        "DynamoDBWithBoto3": _flag("false", _BOTO3),
        "LogLevel": {
            "Type": "String",
            "Default": "INFO",
            "AllowedValues": ["DEBUG", "INFO", "WARNING", "ERROR"],
            "Description": "Least level of the lines in the logs; the line of a request is written at every level",
        },
        "DeletionProtection": _flag("true" if stage == "prod" else "false", _PROTECTION),
        "AlarmTopicArn": _text("An SNS topic that receives alarms; empty: none does"),
        **({"ConsoleFolder": _text(_CONSOLE_FOLDER)} if stage == "local" else {}),
    }


def _access_parameters(stage: str) -> Json:
    return {
        "AuthRequired": _flag("false" if stage == "local" else "true", _AUTH_REQUIRED),
        "Registration": {
            "Type": "String",
            "Default": "open" if stage == "local" else "closed",
            "AllowedValues": ["open", "closed"],
            "Description": "open: anybody may create an account with the role user by POST /v1/users/register",
        },
    }


def _address_parameters() -> Json:
    public_url = (
        "Where clients find the API and its console, without a slash at the end, for links in emails that set a "
        "password; empty: that of the domain, and without one the emails contain only a code"
    )
    return {
        "MailFrom": _text(_MAIL_FROM),
        "PublicUrl": {**_text(public_url), "AllowedPattern": r"(https?://\S*[^\s/])?"},
        "CorsOrigins": _text("Origins whose pages may call the API, with commas between; * for all, empty for none"),
    }


def _limit_parameters(stage: str) -> Json:
    daily = "How much one user may make in a day (UTC); a name that is not given keeps its default, 0 forbids it"
    return {
        "DailyQuotas": {**_text(daily, _daily_quotas(stage)), "AllowedPattern": f"^({_QUOTA}(,{_QUOTA})*)?$"},
        "DeferredInFlight": {
            **_number(
                2 if stage == "local" else 3,
                _IN_FLIGHT.format(4 if stage == "local" else 20),
            ),
            "MaxValue": 1_000,
        },
        "MigrationRate": {
            **_number(10_000 if stage == "local" else 200, "Items that a migration changes in a second, at most"),
            "MaxValue": 100_000,
        },
    }


def _flag(default: str, description: str = "") -> Json:
    flag = {"Type": "String", "AllowedValues": ["true", "false"], "Default": default}
    return {**flag, "Description": description} if description else flag


def _text(description: str, default: str = "") -> Json:
    return {"Type": "String", "Default": default, "Description": description}


def _number(default: int, description: str) -> Json:
    return {"Type": "Number", "Default": default, "MinValue": 1, "Description": description}


def _outputs(stage: str) -> Json:
    url = "https://${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/" + api.STAGE_NAME
    return {"ApiUrl": {"Value": sub(url)}, **({} if stage == "local" else domain.outputs())}
