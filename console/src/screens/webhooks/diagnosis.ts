/** The cause of a failed delivery, derived from the response of the API. */

/** Each has a title and an advice in the texts of this screen. */
export const CAUSES = [
  "connection",
  "name",
  "timeout",
  "tls",
  "protocol",
  "forbiddenAddress",
  "redirect",
  "unauthorized",
  "notFound",
  "gone",
  "tooMany",
  "rejected",
  "serverError",
  "tired",
  "circuit",
  "paused",
  "deleted",
  "unknown",
] as const;
export type Cause = (typeof CAUSES)[number];

/** How the errors of the API begin that have no status of an answer; a test holds them against its sources. */
export const BEGINNINGS: readonly (readonly [beginning: string, cause: Cause])[] = [
  ["Нет соединения", "connection"],
  ["Имя узла не найдено", "name"],
  ["Нет ответа за", "timeout"],
  ["Защищенное соединение не установлено", "tls"],
  ["Ответ не по протоколу HTTP", "protocol"],
  ["Адрес не разрешен", "forbiddenAddress"],
  ["Адрес получателя не отвечает", "circuit"],
  ["Подписка удалена", "deleted"],
  ["Подписка отключена", "paused"],
];
const ANSWERED = /Получатель ответил (\d{3})/;
const DISABLED_REASON = /неудачных попыток подряд/;

/** The cause behind an error text; undefined when there is no error. */
export function causeOf(error: string | null | undefined): Cause | undefined {
  if (!error) return undefined;
  const status = ANSWERED.exec(error)?.[1];
  if (status) return ofStatus(Number(status));
  if (DISABLED_REASON.test(error)) return "tired";
  return BEGINNINGS.find(([beginning]) => error.startsWith(beginning))?.[1] ?? "unknown";
}

function ofStatus(status: number): Cause {
  if (status < 400) return "redirect";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404 || status === 405) return "notFound";
  if (status === 410) return "gone";
  if (status === 429) return "tooMany";
  return status < 500 ? "rejected" : "serverError";
}

/** The status that an error text names, e.g. 503. */
export const statusIn = (error: string | null | undefined) => ANSWERED.exec(error ?? "")?.[1];

interface Going {
  readonly is_active: boolean;
  readonly disabled_reason: string | null;
  readonly health: {
    readonly delivered: number;
    readonly failed: number;
    readonly pending: number;
    readonly last_error: string | null;
    readonly last_error_at: string | null;
    readonly last_delivered_at: string | null;
    readonly circuit: "closed" | "open" | "half_open";
  };
}

export type State = "switchedOff" | "paused" | "circuit" | "failing" | "undelivered" | "sending" | "fine" | "unused";

/** The state of a subscription: its worst problem. */
export function stateOf({ is_active, disabled_reason, health }: Going): State {
  if (!is_active) return disabled_reason ? "switchedOff" : "paused";
  if (health.circuit === "open") return "circuit";
  if (health.last_error_at && (health.last_delivered_at ?? "") < health.last_error_at) return "failing";
  if (health.failed > 0) return "undelivered";
  if (health.delivered > 0) return "fine";
  return health.pending > 0 ? "sending" : "unused";
}

/** Why a subscription gets nothing now; undefined while it goes well or was never tried. */
export function troubleOf(subscription: Going): Cause | undefined {
  const { disabled_reason, health } = subscription;
  const state = stateOf(subscription);
  if (state === "switchedOff") return causeOf(disabled_reason);
  if (state === "circuit" || state === "failing") return causeOf(health.last_error) ?? "circuit";
  return undefined;
}
