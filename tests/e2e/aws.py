"""Runs the `aws` commands of documents without the AWS CLI: `aws sqs send-message --queue-url ...` by boto3.

Services, operations and parameters are those of botocore's models, which the CLI is made of too; a name that is not
there is an error. Values are texts, numbers, flags, lists of words, or JSON.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

import boto3
from botocore import xform_name


def main(arguments: Sequence[str]) -> None:
    """Make the call and print its answer."""
    service, command, *rest = arguments
    client = boto3.client(service)
    operation = next(name for name in client.meta.service_model.operation_names if xform_name(name, "-") == command)
    members = client.meta.service_model.operation_model(operation).input_shape.members
    shapes = {f"--{xform_name(name, '-')}": (name, shape) for name, shape in members.items()}
    given: dict[str, Any] = {}
    while rest:
        name, shape = shapes[rest.pop(0)]
        values = []
        while rest and not rest[0].startswith("--"):
            values.append(rest.pop(0))
        given[name] = _value(shape, values)
    answer = getattr(client, xform_name(operation))(**given)
    answer.pop("ResponseMetadata")
    sys.stdout.write(json.dumps(answer, indent=1, default=str, ensure_ascii=False) + "\n")


def _value(shape: Any, values: list[str]) -> Any:
    if not values:
        return True
    if values[0][:1] in "{[" and shape.type_name != "string":
        return json.loads(values[0])
    if shape.type_name == "list":
        return values
    return int(values[0]) if shape.type_name in ("integer", "long") else values[0]


if __name__ == "__main__":
    main(sys.argv[1:])
