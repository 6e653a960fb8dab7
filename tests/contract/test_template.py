"""The packaged template: lints clean, gives every function its own narrow role, and agrees with the code."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app
from chalicelib.core.answers import STRICT_TRANSPORT
from chalicelib.core.dynamo import TABLES
from infra.functions import MAKERS
from infra.functions.api import SERVICE_TABLES
from infra.machines import MACHINES, Machine
from infra.names import API_FUNCTION, function_id, table_id
from infra.package import package
from infra.recording import DELIVER_LOGS, TRACE
from infra.stages import EXAMPLES
from infra.template import deployed_functions, merge_template

Json = dict[str, Any]
WILD = re.compile(r"[*?]")
# What ends in a wildcard: the indexes of a table, what AWS or we name at run time: objects, executions, log streams.
_OBJECTS, _INDEXES = r"FilesBucket\.Arn\}/[a-z-]+/[a-z0-9/-]*\*$", r"Table\.Arn\}(/index/|/stream/)?\*$"
_SCHEDULES = r":schedule/(\$\{AWS::StackName\}-deferred/|default/(task|schedule)-)\*$"
OPEN_ENDED = re.compile(rf"{_OBJECTS}|{_INDEXES}|{_SCHEDULES}|:execution:.*:\*$|:log-stream:\*$")
SENDER_ONLY = {"StringEqualsIfExists"}  # sending mail: the condition names the sender
PHONES = {"Effect": "Allow", "Action": ["sns:Publish"], "NotResource": [{"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"}]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thin package of stage prod."""
    out = tmp_path_factory.mktemp("package")
    package("prod", out, thin=True)
    return out


@pytest.fixture(scope="module")
def template(folder: Path) -> Json:
    """The template of that package."""
    loaded: Json = json.loads((folder / "sam.json").read_text("utf-8"))
    return loaded


@pytest.mark.slow
def test_the_template_lints_clean(folder: Path) -> None:
    command = [str(Path(sys.executable).parent / "cfn-lint"), str(folder / "sam.json")]
    lint = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (lint.returncode, lint.stdout) == (0, "")


def test_every_function_of_the_app_has_an_entry_and_the_other_way_round() -> None:
    assert set(MAKERS) == deployed_functions(app.app)


def test_every_function_has_a_role_of_its_own(template: Json) -> None:
    roles = [function["Properties"]["Role"] for function in of_type(template, "AWS::Serverless::Function").values()]
    owners = [role["Fn::GetAtt"][0] for role in roles]
    assert len(set(owners)) == len(owners) == len(deployed_functions(app.app))
    assert set(owners) <= set(of_type(template, "AWS::IAM::Role"))


def test_nothing_is_left_of_the_placeholder_role(template: Json) -> None:
    assert "replaced-by-infra" not in json.dumps(template)


def test_no_action_is_a_wildcard(template: Json) -> None:
    actions = [action for _, statement in statements(template) for action in statement["Action"]]
    assert [action for action in actions if WILD.search(action)] == []


def test_resources_are_spelled_out(template: Json) -> None:
    named = [(role, one) for role, one in statements(template) if "NotResource" not in one and not is_nameless(one)]
    bare = [(role, one) for role, one in named if set(one.get("Condition", {})) != SENDER_ONLY]
    texts = [(role, text) for role, statement in bare for text in spelled(statement["Resource"])]
    assert [(role, text) for role, text in texts if WILD.search(text) and not OPEN_ENDED.search(text)] == []


def is_nameless(statement: Json) -> bool:
    """Whether it is about traces or deliveries of logs, which IAM knows by no name."""
    return set(statement["Action"]) in (set(TRACE), set(DELIVER_LOGS))


def test_a_text_message_goes_to_a_phone_and_to_no_topic_of_any_account(template: Json) -> None:
    """A phone number is not a resource."""
    without = [{**one, "Sid": ""} for _, one in statements(template) if "NotResource" in one]
    assert without == [{**PHONES, "Sid": ""}]


def test_a_function_on_a_stream_may_do_what_lambda_requires_of_it(template: Json) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html#events-dynamodb-permissions"""
    required = {f"dynamodb:{action}" for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")}
    for name, function in of_type(template, "AWS::Serverless::Function").items():
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] == "DynamoDB":
                (table, _) = event["Properties"]["Stream"]["Fn::GetAtt"]
                on_stream = [{"Fn::Sub": f"${{{table}.Arn}}/stream/*"}]
                (right,) = (
                    one
                    for role, one in statements(template)
                    if role == f"{name}Role" and on_stream == one.get("Resource")
                )
                assert set(right["Action"]) == required


def test_a_right_on_a_table_and_its_indexes_reaches_no_other() -> None:
    """It is spelled `arn:...:table/name*`, see rights.with_indexes."""
    assert [(one, other) for one in TABLES for other in TABLES if one != other and other.startswith(one)] == []


def test_every_policy_fits_into_its_role(template: Json) -> None:
    """AWS takes 10,240 characters without blanks; the ARN of a table or a function has up to 90."""
    sizes = dict.fromkeys(of_type(template, "AWS::IAM::Role"), 0)
    for role, statement in statements(template):
        text = re.sub(r"\$\{AWS::\w+\}", "r" * 14, json.dumps(statement))
        text = re.sub(r'\{"(Ref|Fn::GetAtt)": [^}]*\}|\$\{[\w.]+\}', "r" * 90, text)
        sizes[role] += len(re.sub(r"\s", "", text))
    assert {role: size for role, size in sizes.items() if size > 10_240} == {}


def test_nobody_may_make_tables_and_only_the_recount_and_migrations_scan(template: Json) -> None:
    allowed = {(role, action) for role, statement in statements(template) for action in statement["Action"]}
    assert {action for _, action in allowed if "Table" in action or action.startswith("iam:")} == {"iam:PassRole"}
    assert {role for role, action in allowed if "Scan" in action} == {"RecountRole", "MigrateRole"}


def test_who_updates_an_item_may_look_whether_a_write_of_his_own_is_there(template: Json) -> None:
    """`write_once` reads the item when the answer to a single write was lost (core/repeats.py)."""
    assert holders(template, "dynamodb:UpdateItem") - holders(template, "dynamodb:GetItem") == set()


def test_the_api_may_check_all_that_it_reads_for_a_tag(template: Json) -> None:
    """`If-Match` on anything: a transaction checks what of the snapshot it does not write (core/guards.py)."""
    owned = {("ApiHandlerRole", table_id(name)) for name in TABLES if name not in SERVICE_TABLES}
    assert owned - holders(template, "dynamodb:ConditionCheckItem") == set()


def test_who_works_on_a_background_task_may_have_it_go_on_later(template: Json) -> None:
    """A run that meets a throttled table sends its task into the queue again (`postpone`)."""
    working = {role for role, one in holders(template, "dynamodb:ConditionCheckItem") if one == "BackgroundTasksTable"}
    sending = [(role, one["Resource"]) for role, one in statements(template) if "sqs:SendMessage" in one["Action"]]
    assert working - {role for role, queues in sending if any("WorkQueue" in text for text in spelled(queues))} == set()


def test_the_sweep_may_read_all_items_that_it_finds_in_an_index_of_due_work(template: Json) -> None:
    """`DueIndex.items` reads the items of its entries together (core/later_work.py)."""
    sources = [path.read_text("utf-8") for path in Path(app.__file__).parent.joinpath("chalicelib").rglob("*.py")]
    read = [re.findall(r'DueIndex\("(\w+)"', source) for source in sources if "DUE.items(" in source]
    swept = {("SweepRole", table_id(name)) for names in read for name in names}
    assert swept - holders(template, "dynamodb:BatchGetItem") == set()
    assert len(swept) >= 3


def test_only_the_role_of_the_scheduler_is_passed_and_to_the_scheduler_alone(template: Json) -> None:
    passing = [one for _, one in statements(template) if "iam:PassRole" in one["Action"]]
    assert {json.dumps(one["Resource"]) for one in passing} == {'[{"Fn::GetAtt": ["SchedulerRole", "Arn"]}]'}
    to_scheduler = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    assert all(one["Condition"] == to_scheduler for one in passing)


def test_every_table_of_the_sources_is_declared_where_the_template_is_made(template: Json) -> None:
    sources = (path.read_text("utf-8") for path in Path(app.__file__).parent.joinpath("chalicelib").rglob("*.py"))
    declared = {name for source in sources for name in re.findall(r'^@table\(\s*"(\w+)"', source, re.MULTILINE)}
    assert {table_id(name) for name in declared} <= set(of_type(template, "AWS::DynamoDB::Table"))
    assert len(declared) > 20


def test_every_declared_table_is_there_with_its_keys(template: Json) -> None:
    tables = of_type(template, "AWS::DynamoDB::Table")
    assert set(tables) == {table_id(name) for name in TABLES}
    for name, spec in TABLES.items():
        properties = tables[table_id(name)]["Properties"]
        keys = [key["AttributeName"] for key in properties["KeySchema"]]
        assert keys == [key for key in (spec.hash_key, spec.range_key) if key]
        indexes = {index["IndexName"] for index in properties.get("GlobalSecondaryIndexes", [])}
        assert indexes == {index.name for index in spec.indexes}
        assert properties["BillingMode"] == "PAY_PER_REQUEST"


def test_no_stage_but_the_local_one_is_deployed_open_to_strangers(template: Json) -> None:
    rule = template["Rules"]["TokensAreRequired"]
    assert [one["Assert"] for one in rule["Assertions"]] == [{"Fn::Equals": [{"Ref": "AuthRequired"}, "true"]}]
    assert template["Parameters"]["AuthRequired"]["Default"] == "true"
    for stage in EXAMPLES:
        assert ("Rules" in merge_template(app.app, stage)) == (stage != "local")


def test_every_log_group_forgets(template: Json) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup")
    assert len(groups) == len(deployed_functions(app.app)) + len(("api", "machines"))
    assert all(group["Properties"]["RetentionInDays"] > 0 for group in groups.values())


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_task_of_a_machine_is_a_deployed_function_that_it_may_invoke(machine: Machine, template: Json) -> None:
    properties = template["Resources"][machine.logical_id]["Properties"]
    given = properties["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", json.dumps(properties["Definition"]))) == set(given)
    (policy,) = template["Resources"][f"{machine.logical_id}Role"]["Properties"]["Policies"]
    right, *others = policy["PolicyDocument"]["Statement"]
    assert all(map(is_nameless, others))
    assert (right["Action"], right["Resource"]) == (["lambda:InvokeFunction"], list(given.values()))
    assert {arn["Fn::GetAtt"][0] for arn in given.values()} <= {function_id(name) for name in MAKERS}


def test_a_path_names_its_parameter_in_one_way(template: Json) -> None:
    names: dict[str, set[str]] = {}
    for path in template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]:
        parts = path.split("/")
        for place, part in enumerate(parts):
            if part.startswith("{") and not part.endswith("+}"):
                names.setdefault("/".join(parts[:place]), set()).add(part)
    assert {parent: found for parent, found in names.items() if len(found) > 1} == {}


def test_the_gateways_refusals_carry_both_error_shapes(template: Json) -> None:
    body = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    for response in body["x-amazon-apigateway-gateway-responses"].values():
        shown = json.loads(response["responseTemplates"]["application/json"])
        assert shown["detail"] == shown["error"]
        headers = {name.rpartition(".")[2]: value for name, value in response["responseParameters"].items()}
        assert headers["X-Request-Id"] == "context.requestId"
        assert headers["Strict-Transport-Security"] == f"'{STRICT_TRANSPORT}'"
        assert headers["Access-Control-Allow-Origin"] == "'*'"


def test_queues_and_streams_report_single_failures(template: Json) -> None:
    for function in of_type(template, "AWS::Serverless::Function").values():
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] in ("SQS", "DynamoDB"):
                assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_queues_and_streams_do_not_wait_for_more_before_they_call(template: Json) -> None:
    """A batching window would make every event, delivery and task late by as much."""
    windows = {
        (name, event_name): event["Properties"].get("MaximumBatchingWindowInSeconds", 0)
        for name, function in of_type(template, "AWS::Serverless::Function").items()
        for event_name, event in function["Properties"].get("Events", {}).items()
        if event["Type"] in ("SQS", "DynamoDB")
    }
    assert windows
    assert {event: seconds for event, seconds in windows.items() if seconds != 0} == {}


@pytest.mark.parametrize(("stage", "default"), [("local", "open"), ("dev", "closed"), ("prod", "closed")])
def test_strangers_register_on_the_local_stage_only_unless_a_deployment_says_so(stage: str, default: str) -> None:
    merged = merge_template(app.app, stage)
    assert merged["Parameters"]["Registration"]["Default"] == default
    (api,) = (one for name, one in merged["Resources"].items() if name == function_id(API_FUNCTION))
    assert api["Properties"]["Environment"]["Variables"]["REGISTRATION"] == {"Ref": "Registration"}


def of_type(template: Json, kind: str) -> dict[str, Json]:
    """The resources of one type."""
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == kind}


def statements(template: Json) -> Iterator[tuple[str, Json]]:
    """Every statement of every role."""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def holders(template: Json, action: str) -> set[tuple[str, str]]:
    """Roles that have a right, each with what it has it on."""
    having = [(role, one) for role, one in statements(template) if action in one["Action"]]
    return {
        (role, name)
        for role, one in having
        for text in spelled(one["Resource"])
        for name in re.findall(r"\w+Table", text)
    }


def spelled(resources: list[Any]) -> list[str]:
    """Resources as texts: ARNs with their references."""
    assert isinstance(resources, list)
    return [json.dumps(one["Fn::GetAtt"]) if "Fn::GetAtt" in one else one.get("Fn::Sub", str(one)) for one in resources]
