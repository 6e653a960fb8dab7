"""The JSON Schemas of the document, with descriptions of models and fields."""

import copy
import re
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from chalicelib.core.answers import JSON
from chalicelib.core.endpoint import Endpoint
from chalicelib.core.texts import text
from chalicelib.events.types import EventType
from chalicelib.openapi import wording
from chalicelib.openapi.answers import ERROR_SCHEMAS
from chalicelib.openapi.examples import example_of
from chalicelib.openapi.samples import BODIES

Json = dict[str, Any]
REF = "#/components/schemas/{model}"
_GENERIC = re.compile(r"(\w+)\[(\w+)\]")


class Generator(GenerateJsonSchema):
    """Generates JSON Schemas without titles that repeat names. `Page[Batch]` is named BatchPage, `Data[UserView]`
    UserData.
    """

    def normalize_name(self, name: str) -> str:
        """Return the name of a model in the document."""
        made = _GENERIC.fullmatch(name)
        return made[2].removesuffix("View") + made[1].replace("DataPage", "Page") if made else name

    def ser_schema(self, schema: Any) -> Json | None:
        """Return None for a serializer around the usual one: it leaves out what is empty, the fields stay."""
        return None if schema["type"] == "function-wrap" else super().ser_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Return False for every field."""
        return False


class Schemas:
    """The JSON Schemas of all models of requests and responses."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        inputs: list[tuple[tuple[str, str], Any, TypeAdapter[Any]]] = []
        for endpoint in endpoints:
            for part, model in (("body", endpoint.body), *endpoint.accepts.items()):
                if model is not None:
                    inputs.append(((endpoint.name, part), "validation", TypeAdapter(model)))
            if endpoint.returns_json:
                inputs.append(((endpoint.name, "result"), "serialization", TypeAdapter(endpoint.model)))
        self._found, document = TypeAdapter.json_schemas(inputs, ref_template=REF, schema_generator=Generator)
        made: dict[str, Json] = document.get("$defs", {})
        self.definitions = {name: described(name, schema) for name, schema in (ERROR_SCHEMAS | made).items()}

    def of(self, endpoint: Endpoint, part: str) -> Json:
        """Return the schema of an endpoint's result, of its body, or of its body in one of its content types."""
        mode: Any = "serialization" if part == "result" else "validation"
        return self._found[((endpoint.name, part), mode)]

    def with_example(self, endpoint: Endpoint, part: str) -> Json:
        """Return that schema with an example."""
        schema, sample = self.of(endpoint, part), None
        if part in ("body", JSON):
            sample = BODIES.get(endpoint.handler.__name__)
        return {"schema": schema, "example": example_of(schema, self.definitions) if sample is None else sample}

    def resolved(self, schema: Json) -> Json:
        """Return a schema; where it is a reference, the schema that it refers to."""
        name = schema.get("$ref", "").rpartition("/")[2]
        return self.definitions[name] if name else schema


def described(name: str, schema: Json) -> Json:
    """Return the schema of a model with what it and its fields mean, in place of titles and docstrings."""
    schema = {keyword: value for keyword, value in copy.deepcopy(schema).items() if keyword != "title"}
    schema.pop("description", None)
    about = wording.of_model(name)
    if about:
        schema = {"description": about, **schema}
    _describe_fields(name, schema)
    return schema


def _describe_fields(model: str, schema: Json) -> None:
    for name, field in schema.get("properties", {}).items():
        field.pop("title", None)
        about = wording.of_field(model, name)
        if about:
            field["description"] = about
        if field.get("default", ...) is None:
            del field["default"]  # absent is what null says
        if isinstance(field.get("default"), str):
            field["default"] = text(field["default"])
        _describe_fields(f"{model}.{name}", field)


def of_event(kind: EventType) -> Json:
    """Return the schema of what a subscriber receives."""
    schema: Json = copy.deepcopy(kind.json_schema)
    model = schema["properties"]["data"].get("title", "")
    for keyword in ("$schema", "title", "description"):
        schema.pop(keyword, None)
    schema["properties"]["event"]["type"] = "string"
    data = schema["properties"]["data"] = described(model, schema["properties"]["data"])
    _describe_fields("envelope", schema)
    _describe_fields(model, data)
    return schema
