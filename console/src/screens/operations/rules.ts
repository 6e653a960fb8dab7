/** The requests of the list of operations: filters, polling, and when the next page is read automatically. */
import dayjs from "dayjs";
import { FAST_POLL_MS, type Schema, SLOW_POLL_MS } from "../../api/client";

export type Operation = Schema<"Operation">;
export type Kind = Operation["kind"];
export type State = Operation["status"];
export type Operations = Schema<"Operations">;

export const KINDS: readonly Kind[] = ["background", "deferred", "schedule", "long", "saga"];
export const STATES: readonly State[] = ["waiting", "running", "done", "failed", "cancelled", "paused"];
/** The types that the API has itself; others are those of deferred tasks that a deployment adds. */
export const TYPES = {
  background: ["import", "export", "aggregation", "products"],
  deferred: ["http_callback", "send_email", "send_sms", "generate_report", "publish_event"],
  schedule: [],
  long: ["fetch", "wait"],
  saga: ["report"],
} as const satisfies Record<Kind, readonly string[]>;

/** The list as the address has it: several kinds and states with commas between. */
export interface Filters {
  readonly kind?: string | undefined;
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The known values of a list in the address. */
export function chosen<Word extends string>(given: string | undefined, known: readonly Word[]): Word[] {
  const words = (given ?? "").split(",");
  return known.filter((one) => words.includes(one));
}

/** The query of the list; days are whole days of the browser's zone. */
export function queryOf({ kind, status, type, from, to }: Filters, owner: number | undefined) {
  return {
    ...(kind && { kind: chosen(kind, KINDS) }),
    ...(status && { status: chosen(status, STATES) }),
    ...(type && { type }),
    ...(owner !== undefined && { owner_id: owner }),
    ...(from && { created_from: dayjs(from).startOf("day").toISOString() }),
    ...(to && { created_to: dayjs(to).endOf("day").toISOString() }),
    limit: PAGE,
  };
}

export const PAGE = 25;
/** The number of pages read at a time for the next screenful; then the user is asked. */
const AT_ONCE = 8;
/** More pages than these are asked for again seldom. */
const LIVE_PAGES = 4;

interface Page {
  readonly items: readonly Operation[];
  readonly next_cursor?: string | null;
}

/** Whether to read the next page automatically: a page before the last may be short or empty. */
export function goesOn(pages: readonly Page[], wantedPages: number) {
  const found = pages.reduce((sum, page) => sum + page.items.length, 0);
  return Boolean(pages.at(-1)?.next_cursor) && found < PAGE * wantedPages && pages.length < AT_ONCE * wantedPages;
}

/** Milliseconds until the shown pages are read again. */
export function pause(pages: readonly Page[] | undefined) {
  if (!pages || pages.length > LIVE_PAGES) return SLOW_POLL_MS;
  const moves = pages.some(({ items }) => items.some(isMoving));
  return moves ? FAST_POLL_MS : SLOW_POLL_MS;
}

const SOON = 20_000;

/** Whether an operation may change within seconds: it runs, or is about to start. */
export function isMoving({ kind, status, next_attempt_at }: Operation) {
  if (status === "running") return true;
  if (status !== "waiting") return false;
  return kind === "schedule" || next_attempt_at !== null
    ? next_attempt_at !== null && new Date(next_attempt_at).getTime() - Date.now() < SOON
    : true;
}

/** All operations of some pages, each once: what moved on while pages were read may be on two. */
export function together(pages: readonly Page[]): Operation[] {
  return [...new Map(pages.flatMap(({ items }) => items).map((one) => [keyOf(one), one])).values()];
}

/** The key of an operation in the address. */
export const keyOf = ({ kind, id }: Pick<Operation, "kind" | "id">) => `${kind}:${id}`;

/** The kind and the id of an operation in the address. */
export function named(key: string | undefined): { readonly kind: Kind; readonly id: string } | undefined {
  const [word, id] = (key ?? "").split(":");
  const kind = KINDS.find((one) => one === word);
  return kind && id ? { kind, id } : undefined;
}

/** Whether a type says more than the kind and the title of an operation do. */
export const hasType = (kind: Kind) => kind !== "saga" && kind !== "background";
