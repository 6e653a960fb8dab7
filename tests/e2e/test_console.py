"""The console as it is deployed: the root leads there, its policy holds, and it works at every kind of address."""

import json

from tests.browser import Browser
from tests.e2e.console import CONTENT, Console, console_behind_a_prefix
from tests.e2e.stack import Stack


def test_the_root_leads_to_the_console(stack: Stack, console: Console, browser: Browser) -> None:
    page = browser.page()
    page.opens(f"{stack.url}/", CONTENT)
    assert page.js("location.pathname") == "/console"
    console.is_well(page, "console")
    policy = stack.call("GET", "/console").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-")
    assert "unsafe" not in policy


def test_its_files_come_compressed_and_stay_in_the_cache(stack: Stack, console: Console) -> None:
    page = console.opens()
    names = page.js("performance.getEntriesByType('resource').map(one => one.name)")
    scripts = [name.removeprefix(stack.url) for name in names if name.endswith((".js", ".css"))]
    assert scripts
    for script in scripts:
        for encoding in ("br", "gzip"):
            answer = stack.call("HEAD", script, headers={"Accept-Encoding": encoding})
            assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, encoding)
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_first_load_is_small(console: Console) -> None:
    page = console.opens("/nowhere", "main h1")
    sizes = (
        "performance.getEntriesByType('resource').map(one => one.name.includes('/console/') ? one.encodedBodySize : 0)"
    )
    assert 50_000 < page.js(f"{sizes}.reduce((sum, size) => sum + size, 0)") <= 250_000


def test_it_works_behind_the_prefix_of_a_stage(stack: Stack, console: Console, browser: Browser) -> None:
    prefixed = console_behind_a_prefix(stack, browser)
    page = prefixed.opens()
    prefixed.is_well(page)
    assert all(asked.startswith(prefixed.url) for asked in page.requests())
    page.opens(f"{prefixed.url}/console/", CONTENT)  # typed with a slash
    assert page.js("location.pathname").endswith("/console")


def test_the_page_may_load_and_send_files_by_presigned_addresses(stack: Stack, console: Console) -> None:
    place = {"Bucket": stack.outputs()["FilesBucketName"], "Key": "work/uploads/console"}
    files = stack.client("s3")
    put, get = (files.generate_presigned_url(f"{verb}_object", Params=place) for verb in ("put", "get"))
    form = files.generate_presigned_post(**place)
    page = console.opens()
    assert page.js(f"fetch({json.dumps(put)}, {{method: 'PUT', body: 'first'}}).then(answer => answer.status)") == 200
    assert page.js(f"fetch({json.dumps(get)}).then(answer => answer.text())") == "first"
    sent = f"""
      const form = new FormData();
      for (const [name, value] of Object.entries({json.dumps(form["fields"])})) form.append(name, value);
      form.append("file", new Blob(["second"]));
      fetch({json.dumps(form["url"])}, {{method: "POST", body: form}}).then(answer => answer.status)"""
    assert page.js(sent) == 204
    assert page.js(f"fetch({json.dumps(get)}, {{cache: 'no-store'}}).then(answer => answer.text())") == "second"
    console.is_well(page)


def test_the_page_may_reach_nothing_else(console: Console) -> None:
    page = console.opens()
    assert page.js("fetch('http://127.0.0.1:1/').then(() => 'reached', () => 'refused')") == "refused"
    assert any("Content Security Policy" in complaint for complaint in page.complaints())
    inline = "const script = document.createElement('script'); script.text = 'window.ran = true'; "
    assert page.js(inline + "document.body.append(script); window.ran === undefined")


def test_login_is_shown_without_a_token(locked_stack: Stack, built_console: None, browser: Browser) -> None:
    console = Console(browser, locked_stack.url, locked_stack.aws_url)
    page = console.opens("/batches", "input[type=password]")
    console.is_well(page, "console-login")
