"""What a web page that the developer opens can do to the local stack: nothing. Its requests as a browser sends them.

The emulator has no authentication, answers every page (CORS `*`) and runs functions as processes of this user.
"""

import base64
import io
import json
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.e2e.stack import Stack

PAGE = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}
REBOUND = {"Host": "evil.example", "Sec-Fetch-Site": "same-origin"}  # its name leads to 127.0.0.1 now


def function_that_writes(file: Path) -> str:
    """The body of a request that makes a function, which leaves a file when it is called."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", f"def handler(event, context):\n    open({str(file)!r}, 'w').close()\n")
    code = {"ZipFile": base64.b64encode(packed.getvalue()).decode()}
    made = {"FunctionName": "evil", "Runtime": "python3.12", "Handler": "main.handler", "Code": code}
    return json.dumps({**made, "Role": "arn:aws:iam::000000000000:role/any"})


@pytest.mark.parametrize("headers", [PAGE, {**PAGE, "Sec-Fetch-Site": ""}, {**PAGE, "Origin": "null"}, REBOUND])
def test_a_page_makes_and_calls_no_function(stack: Stack, tmp_path: Path, headers: dict[str, str]) -> None:
    sent = {
        name: value.replace("evil.example", f"evil.example:{urlsplit(stack.aws_url).port}")
        for name, value in headers.items()
    }
    ran = tmp_path / "ran"
    made = requests.post(f"{stack.aws_url}/2015-03-31/functions", function_that_writes(ran), headers=sent, timeout=30)
    called = requests.post(f"{stack.aws_url}/2015-03-31/functions/evil/invocations", "{}", headers=sent, timeout=30)
    assert (made.status_code, called.status_code) == (403, 403)
    assert not ran.exists()
    functions = stack.client("lambda").get_paginator("list_functions").paginate()
    assert "evil" not in [function["FunctionName"] for page in functions for function in page["Functions"]]


def test_a_page_reads_nothing_and_starts_nothing(stack: Stack) -> None:
    subscription = {"name": "x", "url": "http://127.0.0.1:1/", "events": ["batch.created"], "secret_key": "s" * 32}
    for url, body in (
        (f"{stack.url}/api/batches", None),
        (f"{stack.url}/api/webhooks", json.dumps(subscription)),
        (f"{stack.aws_url}/?Action=ListQueues", None),
        (f"{stack.aws_url}/_ministack/health", None),
    ):
        answer = requests.request("POST" if body else "GET", url, data=body, headers=PAGE, timeout=30)
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    listed = stack.call("GET", "/api/webhooks").json()["items"]
    assert not [one for one in listed if one["url"] == subscription["url"]]


def test_no_preflight_of_another_origin_is_granted(stack: Stack) -> None:
    asked = {**PAGE, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    for url in (f"{stack.url}/api/batches", f"{stack.aws_url}/bucket/key"):
        answer = requests.options(url, headers=asked, timeout=30)
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_an_image_or_a_frame_of_another_site_reaches_nothing(stack: Stack) -> None:
    """Without Origin: the emulator also acts upon GET."""
    caused = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    answer = requests.get(f"{stack.aws_url}/?Action=CreateQueue&QueueName=evil", headers=caused, timeout=30)
    assert answer.status_code == 403
    assert not [url for url in stack.client("sqs").list_queues()["QueueUrls"] if url.endswith("/evil")]


def test_the_stacks_own_pages_and_programs_are_served(stack: Stack) -> None:
    own = {"Origin": stack.url, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert requests.get(f"{stack.url}/api/batches", headers={**stack.headers, **own}, timeout=30).status_code == 200
    named = stack.url.replace("127.0.0.1", "localhost")
    assert requests.get(f"{named}/api/batches", headers=stack.headers, timeout=30).status_code == 200
    form = {"Origin": stack.url, "Sec-Fetch-Site": "same-site"}  # an upload to a presigned form, on the other port
    assert requests.get(f"{stack.aws_url}/_ministack/health", headers=form, timeout=30).status_code == 200


def test_the_state_is_readable_by_its_owner_only(stack: Stack) -> None:
    assert stack.state.stat().st_mode & 0o777 == 0o700
