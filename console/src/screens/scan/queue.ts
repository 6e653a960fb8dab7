/**
 * The queue of scans. Each is stored in this browser until the API has answered, and has an Idempotency-Key of
 * its own: sent again after a lost response or a reload, it is added once. Independent of the screens.
 */
import { ApiError } from "../../api/errors";

export type ScanState = "waiting" | "accepted" | "present" | "refused" | "undone";
/** What the API may answer. */
export type ScanEnd = Exclude<ScanState, "waiting" | "undone">;

export interface Scan {
  readonly key: string;
  readonly user: string;
  readonly batch: string;
  readonly code: string;
  readonly at: number;
  readonly state: ScanState;
  /** Why the API refused it, in its words. */
  readonly reason?: string;
  /** The number of products in the batch after it. */
  readonly total?: number;
  /** When its end became known. */
  readonly ended?: number;
  /** It was sent at least once: whether it arrived is not known before the API has answered. */
  readonly tried?: boolean;
}

/** The storage of waiting scans, e.g. localStorage. Each scan has its own entry, so two tabs do not conflict. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

interface Outcome {
  readonly total: number;
}

const KEPT = "shopfloor.scan.";
/** Scans whose end is known and that are still shown. */
const SHOWN = 200;
const AT_ONCE = 4;
const PAUSES = [1_000, 2_000, 4_000, 8_000];

/** The queue; `send` adds the code of a scan to its batch and throws what the API or the network says. */
export class ScanQueue {
  #scans: readonly Scan[] = [];
  #sending = new Set<string>();
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<() => void>();

  constructor(
    private readonly user: string,
    private readonly send: (scan: Scan) => Promise<Outcome>,
    private readonly store: Store,
    private readonly newKey: () => string,
  ) {
    this.#scans = waiting(store).filter((scan) => scan.user === user);
  }

  /** All scans that wait, and the newest of the others; oldest first. */
  get scans(): readonly Scan[] {
    return this.#scans;
  }

  /** Whether the last try did not reach the API, or found it busy. */
  get isStuck(): boolean {
    return this.#failures > 0;
  }

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Add a code to a batch; a code that is already in the queue is reported at once and not sent. */
  add(batch: string, code: string): Scan {
    const same = this.#scans.filter((one) => one.batch === batch && one.code === code && one.state !== "refused");
    const twin = newestOf(same);
    const state = twin && twin.state !== "undone" ? "present" : "waiting";
    const scan: Scan = { key: this.newKey(), user: this.user, batch, code, at: Date.now(), state };
    if (state === "waiting") this.store.setItem(KEPT + scan.key, JSON.stringify(scan));
    this.#show([...this.#scans, scan]);
    this.#send();
    return scan;
  }

  /** Take back a scan that was not sent yet; false when it is too late for that. */
  drop(key: string): boolean {
    const scan = this.#scans.find((one) => one.key === key);
    if (scan?.state !== "waiting" || scan.tried) return false;
    this.#end(scan, { state: "undone" });
    return true;
  }

  /** Its product was removed from the batch: the same code may come again. */
  undo(scan: Scan) {
    this.#end(scan, { state: "undone" });
  }

  /** Send the waiting scans now: the network is back, or the user asks for it. */
  retry = () => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#send();
  };

  #send() {
    if (this.#timer !== undefined) return;
    const free = AT_ONCE - this.#sending.size;
    const next = this.#scans.filter((one) => one.state === "waiting" && !this.#sending.has(one.key)).slice(0, free);
    for (const scan of this.#failures > 0 ? next.slice(0, this.#sending.size ? 0 : 1) : next) void this.#try(scan);
  }

  async #try(scan: Scan) {
    this.#sending.add(scan.key);
    if (!scan.tried) {
      const tried = { ...scan, tried: true };
      this.store.setItem(KEPT + scan.key, JSON.stringify(tried));
      this.#show(this.#scans.map((one) => (one.key === scan.key ? tried : one)));
    }
    try {
      const { total } = await this.send(scan);
      this.#failures = 0;
      this.#end(scan, { state: "accepted", total });
    } catch (error) {
      if (isFinal(error)) {
        this.#failures = 0;
        const state = error.code === "CODE_TAKEN" ? "present" : "refused";
        this.#end(scan, { state, reason: error.fields[0]?.message ?? error.message });
      } else this.#wait(error);
    } finally {
      this.#sending.delete(scan.key);
      this.#notify();
    }
    this.#send();
  }

  #wait(error: unknown) {
    this.#failures += 1;
    const asked = error instanceof ApiError && error.retryAfter ? error.retryAfter * 1_000 : 0;
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length) - 1] ?? 0;
    this.#timer ??= setTimeout(this.retry, Math.max(asked, pause));
  }

  #end(scan: Scan, outcome: Partial<Scan>) {
    const scans = this.#scans.map((one) => (one.key === scan.key ? { ...one, ...outcome, ended: Date.now() } : one));
    const ended = scans.filter((one) => one.state !== "waiting");
    const old = new Set(ended.slice(0, Math.max(0, ended.length - SHOWN)));
    this.store.removeItem(KEPT + scan.key);
    this.#show(scans.filter((one) => !old.has(one)));
  }

  #show(scans: readonly Scan[]) {
    this.#scans = scans;
    this.#notify();
  }

  #notify() {
    for (const listener of this.#listeners) listener();
  }
}

/** The scan that something happened to last: it was made, or taken back. */
export function newestOf(scans: readonly Scan[]): Scan | undefined {
  const moment = ({ state, at, ended = at }: Scan) => (state === "undone" ? ended : at);
  return scans.reduce<Scan | undefined>(
    (newest, scan) => (newest && moment(newest) > moment(scan) ? newest : scan),
    undefined,
  );
}

/** Whether the API has decided: the same request would be answered the same. */
function isFinal(error: unknown): error is ApiError {
  return error instanceof ApiError && !error.isTemporary && error.status !== 401 && error.retryAfter === undefined;
}

/** The waiting scans of an earlier page of this browser, oldest first. */
function waiting(store: Store): Scan[] {
  const keys = Array.from({ length: store.length }, (_, index) => store.key(index) ?? "");
  const kept = keys.filter((key) => key.startsWith(KEPT)).map((key) => store.getItem(key) ?? "null");
  return kept
    .map((text) => JSON.parse(text) as Scan | null)
    .filter((scan) => scan !== null)
    .sort((a, b) => a.at - b.at);
}
