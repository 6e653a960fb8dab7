import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BEGINNINGS, causeOf, stateOf, statusIn, troubleOf } from "./diagnosis";

const SERVER = "../chalicelib/";
const FINE = {
  is_active: true,
  disabled_reason: null,
  health: {
    delivered: 3,
    failed: 0,
    pending: 0,
    last_error: null,
    last_error_at: null,
    last_delivered_at: "2026-01-02T00:00:00Z",
    circuit: "closed",
  },
} as const;
const changed = (health: Partial<Parameters<typeof stateOf>[0]["health"]>) => ({
  ...FINE,
  health: { ...FINE.health, ...health },
});

test("the errors that are told apart here are those that the API writes", () => {
  const sources = ["core/outgoing.py", "webhooks/model.py"].map((name) => readFileSync(SERVER + name, "utf-8")).join();
  for (const [beginning] of BEGINNINGS) expect(sources).toContain(`"${beginning}`);
  expect(sources).toContain('"Получатель ответил {status}');
  expect(sources).toContain("неудачных попыток подряд");
});

test.each([
  ["Нет соединения: ConnectionRefusedError", "connection"],
  ["Нет ответа за 2 с", "timeout"],
  ["Защищенное соединение не установлено: certificate has expired", "tls"],
  ["Получатель ответил 302: перенаправления не выполняются", "redirect"],
  ["Получатель ответил 403", "unauthorized"],
  ["Получатель ответил 404", "notFound"],
  ["Получатель ответил 410: подписка отключена", "gone"],
  ["Получатель ответил 422", "rejected"],
  ["Получатель ответил 429", "tooMany"],
  ["Получатель ответил 503", "serverError"],
  ["40 неудачных попыток подряд: подписка отключена", "tired"],
  ["Адрес получателя не отвечает: попытка отложена и не засчитана", "circuit"],
  ["Что-то новое", "unknown"],
])("%s is %s", (error, cause) => expect(causeOf(error)).toBe(cause));

test("no error has no cause, and the status is read from the text", () => {
  expect(causeOf(null)).toBeUndefined();
  expect(statusIn("Получатель ответил 503")).toBe("503");
  expect(statusIn("Нет ответа за 2 с")).toBeUndefined();
});

test("the worst is said of a subscription", () => {
  const refused = { last_error: "Нет соединения: OSError", last_error_at: "2026-01-03T00:00:00Z", failed: 1 };
  expect(stateOf(FINE)).toBe("fine");
  expect(stateOf(changed({ delivered: 0, last_delivered_at: null }))).toBe("unused");
  expect(stateOf(changed({ delivered: 0, last_delivered_at: null, pending: 1 }))).toBe("sending");
  expect(stateOf(changed(refused))).toBe("failing");
  expect(stateOf(changed({ ...refused, last_error_at: "2026-01-01T00:00:00Z" }))).toBe("undelivered");
  expect(stateOf(changed({ ...refused, circuit: "open" }))).toBe("circuit");
  expect(stateOf({ ...changed(refused), is_active: false })).toBe("paused");
  expect(stateOf({ ...FINE, is_active: false, disabled_reason: "Получатель ответил 410" })).toBe("switchedOff");
});

test("why nothing arrives is the last error, or that of the host when another subscription met it", () => {
  expect(troubleOf(FINE)).toBeUndefined();
  expect(troubleOf(changed({ circuit: "open" }))).toBe("circuit");
  expect(troubleOf(changed({ circuit: "open", last_error: "Нет ответа за 2 с" }))).toBe("timeout");
  expect(troubleOf({ ...FINE, is_active: false, disabled_reason: "40 неудачных попыток подряд" })).toBe("tired");
});
