"""Webhooks in the console: why one fails, and what an operator does about it."""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.e2e.console import Console
from tests.e2e.production import new_batch, ok
from tests.e2e.receiver import Got, Receiver
from tests.e2e.stack import Stack
from tests.programs import needed
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("no_subscriptions")

KEY = "webhook_secret_key"
MAX_WAIT_SECONDS = 60
DIALOG = "[role=dialog]"
BADGE = ".mantine-Badge-root"

PYTHON = """import json, sys
received = json.load(sys.stdin)
print(verified(received["headers"], received["body"].encode()))
"""
NODE = """import { readFileSync } from "node:fs";
const received = JSON.parse(readFileSync(0, "utf-8"));
console.log(verified(received.headers, Buffer.from(received.body)) ? "True" : "False");
"""
GO = """func main() {
	var received struct {
		Headers map[string]string
		Body    string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&received); err != nil {
		panic(err)
	}
	headers := http.Header{}
	for name, value := range received.Headers {
		headers.Set(name, value)
	}
	if Verified(headers, []byte(received.Body)) {
		fmt.Println("True")
	} else {
		fmt.Println("False")
	}
}
"""


def subscribe(stack: Stack, url: str, **fields: Any) -> str:
    """The id of a new subscription to new batches, that is tried once."""
    body = {"url": url, "events": ["batch.created"], "secret_key": KEY, "retry_count": 0, **fields}
    return str(ok(stack, "POST", "/api/webhooks", body)["uuid"])


def has_failed(stack: Stack, webhook: str) -> dict[str, Any]:
    """A batch is made; the delivery of it, once it has failed."""
    new_batch(stack)
    place = f"/api/webhooks/{webhook}/deliveries?status=failed"
    found: dict[str, Any] = wait_for(lambda: ok(stack, "GET", place)["items"], MAX_WAIT_SECONDS)[0]
    return found


def arrived(target: Receiver, path: str, number: int = 1) -> list[Got]:
    """What came to a path, once there are that many."""
    wait_for(lambda: len(target.at(path)) >= number, MAX_WAIT_SECONDS)
    return target.at(path)


def free_port() -> int:
    """A port without a server."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def test_failing_endpoint_is_corrected_and_gets_missed_events(stack: Stack, console: Console, target: Receiver) -> None:
    dead = f"http://127.0.0.1:{free_port()}/dead"
    webhook = subscribe(stack, dead)
    missed = has_failed(stack, webhook)
    page = console.opens("/webhooks", "tbody a")
    page.sees("tbody", "Не доставляется")
    page.sees("tbody", "Получатель не принимает соединения")
    page.chooses(dead)
    page.sees("[role=alert]", "По этому адресу сейчас никто не слушает")
    console.is_well(page, "webhook-dead")
    console.is_accessible(page)
    page.chooses("Другие действия")
    page.chooses("Изменить")
    page.fills("Адрес получателя", target.url("/mended"))
    page.chooses("Сохранить")
    page.sees("h1", "/mended")
    page.chooses("Отправить недоставленное")
    page.sees(DIALOG, "под прежними номерами")
    page.chooses("Отправить снова")
    page.sees("body", "Снова отправляется 1 доставка")
    assert [one.id for one in arrived(target, "/mended")] == [missed["uuid"]]
    page.sees(BADGE, "Работает")
    assert ok(stack, "GET", f"/api/webhooks/{webhook}")["health"]["delivered"] == 1
    console.is_well(page)


def test_delivery_shows_response_and_attempts_and_is_repeated(stack: Stack, console: Console, target: Receiver) -> None:
    target.answers["/locked"] = [403, 200]
    webhook = subscribe(stack, target.url("/locked"))
    failed = has_failed(stack, webhook)
    page = console.opens(f"/webhooks/{webhook}?status=failed", "tbody a")
    page.chooses("Открыть доставку Событие создания партии")
    page.sees(DIALOG, "Получатель не признаёт подпись или доступ")
    page.sees(DIALOG, "Статус 403")
    page.sees(DIALOG, str(failed["payload"]["batch_number"]))
    page.chooses("Отправить снова: Событие создания партии")
    page.sees(DIALOG, "Попытка 2: Статус 200")
    page.sees(DIALOG, "Доставлено")
    assert {one.id for one in arrived(target, "/locked", 2)} == {failed["uuid"]}
    console.is_well(page, "webhook-delivery")
    console.is_accessible(page)


def test_what_fails_now_is_listed_over_all_subscriptions(stack: Stack, console: Console, target: Receiver) -> None:
    target.answers |= {"/broken": [503, 503, 200], "/lost": [404]}
    broken, lost = (subscribe(stack, target.url(path)) for path in ("/broken", "/lost"))
    for webhook in (broken, lost):
        has_failed(stack, webhook)
    page = console.opens("/webhooks?tab=failingNow", "tbody a")
    page.sees("tbody", "У получателя ошибка (503)")
    page.sees("tbody", "У получателя нет такого адреса (404)")
    console.is_well(page, "webhooks-failing")
    console.is_accessible(page)
    page.chooses(target.url("/lost"))
    page.sees(DIALOG, "Проверьте путь в адресе подписки")
    page.js("history.back()")
    page.sees("tbody", "(404)")


def test_a_subscription_is_made_from_the_catalogue_tested_and_verified_in_three_languages(
    stack: Stack, console: Console, target: Receiver, tmp_path: Path
) -> None:
    page = console.opens("/webhooks?tab=catalogue", "main button")
    page.chooses("Показать пример события batch.closed")
    page.sees("main pre", '"event": "batch.closed"')
    page.chooses("Подписаться: batch.closed")
    page.sees(DIALOG, "Выбрано: 1 событие")
    console.is_accessible(page)
    page.fills("Адрес получателя", target.url("/made"))
    page.chooses("Создать подписку")
    secret = page.sees(f"{DIALOG} pre").strip()
    assert secret.startswith("whsec_")
    page.chooses("Как проверить подпись")
    page.sees("main pre", json.dumps(secret))
    page.chooses("Отправить проверочное событие")
    page.chooses("Отправить")
    (got,) = arrived(target, "/made")
    assert (got.envelope["event"], got.headers["x-webhook-test"]) == ("batch.closed", "true")
    page.sees(DIALOG, "Доставлено")
    console.is_well(page)
    page.presses("Escape")
    page.chooses("Проверка подписи")
    console.is_well(page, "webhook-verify")
    console.is_accessible(page)
    programs = {}
    for language in ("Python", "Node.js", "Go"):
        page.chooses(language)
        programs[language] = page.sees(f"main pre[aria-label='{language}']")
    assert verdicts(programs, got, got.body.decode(), tmp_path) == ["True"] * 3
    assert verdicts(programs, got, got.body.decode() + " ", tmp_path) == ["False"] * 3


def verdicts(programs: dict[str, str], got: Got, body: str, folder: Path) -> list[str]:
    """What the programs of the page say of a request, each completed by reading it."""
    go = (
        programs["Go"]
        .replace("package receiver", "package main")
        .replace("import (", 'import (\n\t"encoding/json"\n\t"fmt"\n\t"os"', 1)
    )
    written = {
        "one.py": programs["Python"] + "\n" + PYTHON,
        "two.mjs": programs["Node.js"] + "\n" + NODE,
        "three.go": go + "\n" + GO,
    }
    for name, text in written.items():
        Path(folder, name).write_text(text, "utf-8")
    commands = (
        [needed("python3", package="python3"), "one.py"],
        [needed("node", package="nodejs"), "two.mjs"],
        [needed("go", package="golang"), "run", "three.go"],
    )
    received = json.dumps({"headers": got.headers, "body": body})
    said = [
        subprocess.run(command, input=received, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        for command in commands
    ]
    return [one.stdout.strip() or one.stderr for one in said]


def test_a_rotated_key_is_shown_once_and_signs(stack: Stack, console: Console, target: Receiver) -> None:
    webhook = subscribe(stack, target.url("/rotated"))
    page = console.opens(f"/webhooks/{webhook}", "main h1")
    page.chooses("Другие действия")
    page.chooses("Заменить ключ")
    page.chooses("Заменить")
    page.sees(DIALOG, "Ключ показан один раз")
    secret = page.sees(f"{DIALOG} pre").strip()
    console.is_well(page, "webhook-key")
    page.chooses("Ключ сохранён, закрыть")
    wait_for(lambda: page.js(f"document.querySelector({json.dumps(DIALOG)}) === null"))
    assert secret not in page.sees("body")
    page.chooses("Проверка подписи")
    page.sees("main pre", json.dumps(secret))
    new_batch(stack)
    (got,) = arrived(target, "/rotated")
    for key in (KEY.encode(), secret):
        assert Webhook(key).verify(got.body, got.headers)["event"] == "batch.created"
    page.js("location.reload()")
    page.sees("main pre", "whsec_...")
    console.is_well(page)


def test_one_is_paused_switched_on_again_and_deleted(stack: Stack, console: Console, target: Receiver) -> None:
    webhook = subscribe(stack, target.url("/paused"))
    page = console.opens(f"/webhooks/{webhook}", "main h1")
    page.chooses("Другие действия")
    page.chooses("Приостановить")
    page.sees(BADGE, "Приостановлена")
    new_batch(stack)
    page.chooses("Включить")
    page.sees(BADGE, "Событий ещё не было")
    assert ok(stack, "GET", f"/api/webhooks/{webhook}")["is_active"]
    batch = new_batch(stack)
    (got,) = arrived(target, "/paused")
    assert got.envelope["data"]["batch_id"] == batch["uuid"]
    page.chooses("Другие действия")
    page.chooses("Удалить")
    page.sees(DIALOG, "больше ничего не получит")
    page.chooses("Удалить подписку")
    page.sees("main", "Подписок пока нет")
    assert ok(stack, "GET", "/api/webhooks")["items"] == []
    console.is_well(page)


def test_concurrent_change_of_a_subscription_is_not_overwritten(
    stack: Stack, console: Console, target: Receiver
) -> None:
    webhook = subscribe(stack, target.url("/shared"))
    page = console.opens(f"/webhooks/{webhook}", "main h1")
    page.chooses("Другие действия")
    page.chooses("Изменить")
    page.fills("Адрес получателя", target.url("/mine"))
    ok(stack, "PATCH", f"/api/webhooks/{webhook}", {"url": target.url("/theirs"), "timeout": 7})
    page.chooses("Сохранить")
    page.sees(DIALOG, "Пока вы правили, это изменил кто-то ещё")
    page.sees(DIALOG, target.url("/theirs"))
    page.clicks(f"{DIALOG} input[value=mine]")
    page.chooses("Сохранить выбранное")
    page.sees("h1", "/mine")
    saved = ok(stack, "GET", f"/api/webhooks/{webhook}")
    assert (saved["url"], saved["timeout"]) == (target.url("/mine"), 7)
