"""Names in the template: logical ids of resources, physical names, references."""

from typing import Any

Json = dict[str, Any]

API_FUNCTION = "api_handler"
RUNTIME = "python3.12"  # on AWS; the local stack runs functions on its own interpreter


def sub(text: str) -> Json:
    """Return a text with `${...}` references."""
    return {"Fn::Sub": text}


def ref(logical_id: str) -> Json:
    """Return the Ref of a resource or parameter."""
    return {"Ref": logical_id}


def arn_of(logical_id: str) -> Json:
    """Return the ARN of a resource."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def named(name: str) -> Json:
    """Return the physical name of a resource of this stack."""
    return sub(f"${{AWS::StackName}}-{name}")


def unless(parameter: str, value: str) -> Json:
    """Return the condition that a parameter has another value."""
    return {"Fn::Not": [{"Fn::Equals": [ref(parameter), value]}]}


def chosen(condition: str, value: Any, otherwise: Any = None) -> Json:
    """Return a value that depends on a condition of the template; without `otherwise` the property is left out."""
    return {"Fn::If": [condition, value, ref("AWS::NoValue") if otherwise is None else otherwise]}


def kept(resource: Json) -> Json:
    """Return a resource with data, which outlives the stack. One that was made by a creation that failed is deleted:
    it is empty, and would be in the way of the next creation. (UpdateReplacePolicy knows no such value.)
    """
    return {**resource, "DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def camel(name: str) -> str:
    """Return a name in camel case: `report_step`, `react-dlq` -> `ReportStep`, `ReactDlq`."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))


def function_id(name: str) -> str:
    """Return the logical id that Chalice gives a function."""
    return "APIHandler" if name == API_FUNCTION else camel(name)


def short_name(name: str) -> str:
    """Return the part of a physical name that stands for a function: `api`, `report-step`."""
    return "api" if name == API_FUNCTION else name.replace("_", "-")


def function_name(name: str) -> Json:
    """Return the physical name of a function."""
    return named(short_name(name))


def table_id(name: str) -> str:
    """Return the logical id of a table."""
    return f"{camel(name)}Table"
