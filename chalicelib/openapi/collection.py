"""A collection of requests in the format v2.1 of Postman, which Bruno and other clients import too.

Made from the OpenAPI document: a folder for each tag, in the order of the document, with an example as each body.
`python -m chalicelib.openapi.collection` makes it from a document in stdin.
"""

import json
import re
import sys
from typing import Any

Json = dict[str, Any]
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
BASE_URL, TOKEN, NEW_ID = "{{baseUrl}}", "{{token}}", "{{$guid}}"
SENT_HEADERS = {"Idempotency-Key": NEW_ID}  # the other optional ones are switched off
KEEP_TOKEN = (
    "if (pm.response.code === 200) {",
    '  pm.collectionVariables.set("token", pm.response.json().data.token);',
    "}",
)


def collection(document: Json, base_url: str) -> Json:
    """Return the collection of a document; `base_url` is the first value of the variable `baseUrl`.

    Where calls need no token, none is sent: some clients send an empty one, which is refused.
    """
    info, items = document["info"], list(map(_folder, document["tags"]))
    by_tag = {tag["name"]: folder["item"] for tag, folder in zip(document["tags"], items, strict=True)}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag[operation["tags"][0]].append(_item(method.upper(), path, operation))
    return {
        "info": {
            "name": f"{info['title']} {info['version']}",
            "description": info["description"],
            "schema": SCHEMA,
        },
        "auth": {"type": "noauth"} if {} in document["security"] else _bearer(),
        "variable": [{"key": "baseUrl", "value": base_url}, {"key": "token", "value": ""}],
        "item": [folder for folder in items if folder["item"]],
    }


def _bearer() -> Json:
    return {"type": "bearer", "bearer": [{"key": "token", "value": TOKEN, "type": "string"}]}


def _folder(tag: Json) -> Json:
    return {"name": tag.get("x-displayName", tag["name"]), "description": tag.get("description", ""), "item": []}


def _item(method: str, path: str, operation: Json) -> Json:
    request: Json = {
        "method": method,
        "url": _url(path, operation),
        "header": _headers(operation),
        "description": operation.get("description", ""),
    }
    if body := operation.get("requestBody"):
        kind, content = next(iter(body["content"].items()))
        request["body"] = _body(kind, content)
        if request["body"]["mode"] == "raw":
            request["header"].insert(0, {"key": "Content-Type", "value": kind})
    if operation.get("security") == []:
        request["auth"] = {"type": "noauth"}
    item: Json = {"name": operation["summary"], "request": request, "response": []}
    if operation["operationId"] == "login":
        item["event"] = [{"listen": "test", "script": {"type": "text/javascript", "exec": list(KEEP_TOKEN)}}]
    return item


def _url(path: str, operation: Json) -> Json:
    """Return an address: `{name}` of the document is `:name` here."""
    place = re.sub(r"\{(\w+)\}", r":\1", path)
    query = [_parameter(one) for one in operation["parameters"] if one["in"] == "query"]
    variables = [_parameter(one) for one in operation["parameters"] if one["in"] == "path"]
    sent = "&".join(f"{one['key']}={one['value']}" for one in query if not one.get("disabled"))
    url: Json = {
        "raw": f"{BASE_URL}{place}" + (f"?{sent}" if sent else ""),
        "host": [BASE_URL],
        "path": place[1:].split("/"),
    }
    return url | ({"query": query} if query else {}) | ({"variable": variables} if variables else {})


def _headers(operation: Json) -> list[Json]:
    return [_parameter(one) for one in operation["parameters"] if one["in"] == "header"]


def _parameter(parameter: Json) -> Json:
    name, schema = parameter["name"], parameter["schema"]
    examples = [parameter.get("example"), *schema.get("examples", ()), schema.get("default"), *schema.get("enum", ())]
    value = SENT_HEADERS.get(name) or next((_text(one) for one in examples if one is not None), "")
    found: Json = {"key": name, "value": value}
    if description := parameter.get("description", schema.get("description")):
        found["description"] = description
    if not parameter["required"] and name not in SENT_HEADERS:
        found["disabled"] = True
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _body(kind: str, content: Json) -> Json:
    """Return a body with the example of the document; of a form, the field `file` is chosen by the user."""
    example = content["example"]
    if kind == "multipart/form-data":
        fields = [{"key": name, "type": "text", "value": _text(value)} for name, value in example.items()]
        return {"mode": "formdata", "formdata": [_file(one) if one["key"] == "file" else one for one in fields]}
    language = "json" if kind == "application/json" else "text"
    text = json.dumps(example, ensure_ascii=False, indent=2) if language == "json" else example
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": language}}}


def _file(field: Json) -> Json:
    return {"key": field["key"], "type": "file", "src": []}


if __name__ == "__main__":
    made = collection(json.load(sys.stdin), "http://127.0.0.1:8000")
    sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
