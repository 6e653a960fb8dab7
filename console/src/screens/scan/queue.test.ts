import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError, NoNetwork } from "../../api/errors";
import { newestOf, type Scan, ScanQueue } from "./queue";

const refusal = (code: string, status = 409) => new ApiError(status, "нельзя", code, "id", [], undefined);

let keys = 0;
beforeEach(() => {
  window.localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers(); // other files run in the same place
});

const queueOf = (send: (scan: Scan) => Promise<{ total: number }>, user = "u") =>
  new ScanQueue(user, send, window.localStorage, () => String(++keys));
const states = (queue: ScanQueue) => queue.scans.map((scan) => `${scan.code} ${scan.state}`);

/** An API that adds codes, once for each key; `online` says whether it can be reached. */
class Api {
  online = true;
  loses = false;
  added: string[] = [];
  #seen = new Set<string>();
  send = async (scan: Scan) => {
    if (!this.online) throw new NoNetwork();
    if (!this.#seen.has(scan.key)) {
      if (this.added.includes(scan.code)) throw refusal("CODE_TAKEN");
      this.added.push(scan.code);
      this.#seen.add(scan.key);
    }
    if (this.loses) throw new NoNetwork();
    return { total: this.added.length };
  };
}

test("a scan is accepted, already there, or refused with the words of the API", async () => {
  const answers: Record<string, Error> = { b: refusal("CODE_TAKEN"), c: refusal("BATCH_CLOSED") };
  const queue = queueOf(async ({ code }) => {
    const error = answers[code];
    if (error) throw error;
    return { total: 7 };
  });
  for (const code of ["a", "b", "c"]) queue.add("batch", code);
  await vi.runAllTimersAsync();
  expect(states(queue)).toEqual(["a accepted", "b present", "c refused"]);
  expect(queue.scans[0]?.total).toBe(7);
  expect(queue.scans[2]?.reason).toBe("нельзя");
});

test("what is scanned without a network is sent when it is back, each code once", async () => {
  const api = new Api();
  const queue = queueOf(api.send);
  queue.add("batch", "1");
  await vi.advanceTimersByTimeAsync(10);
  api.online = false;
  for (const code of ["2", "3", "2", "4"]) queue.add("batch", code);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(states(queue)).toEqual(["1 accepted", "2 waiting", "3 waiting", "2 present", "4 waiting"]);
  expect(queue.isStuck).toBe(true);
  api.online = true;
  queue.retry();
  await vi.runAllTimersAsync();
  expect(api.added).toEqual(["1", "2", "3", "4"]);
  expect(queue.isStuck).toBe(false);
});

test("a scan whose answer was lost is accepted, not already there", async () => {
  const api = new Api();
  const queue = queueOf(api.send);
  api.loses = true;
  queue.add("batch", "1");
  await vi.advanceTimersByTimeAsync(10);
  api.loses = false;
  await vi.runAllTimersAsync();
  expect(states(queue)).toEqual(["1 accepted"]);
  expect(api.added).toEqual(["1"]);
});

test("what waits outlives a reload, and is sent as the one who scanned it only", async () => {
  const api = new Api();
  api.online = false;
  queueOf(api.send).add("batch", "1");
  api.online = true;
  const other = queueOf(api.send, "another user");
  other.add("batch", "2");
  await vi.advanceTimersByTimeAsync(10);
  expect(api.added).toEqual(["2"]);
  const again = queueOf(api.send);
  again.retry();
  await vi.runAllTimersAsync();
  expect(api.added).toEqual(["2", "1"]);
});

test.each([429, 503, 401])("an API that says %i is asked again", async (status) => {
  const answers = [refusal("LATER", status), undefined];
  const queue = queueOf(async () => {
    const error = answers.shift();
    if (error) throw error;
    return { total: 1 };
  });
  queue.add("batch", "1");
  await vi.runAllTimersAsync();
  expect(states(queue)).toEqual(["1 accepted"]);
});

test("a scan can be taken back before it was sent, and not while nobody knows whether it arrived", async () => {
  const api = new Api();
  api.online = false;
  const queue = queueOf(api.send);
  const first = queue.add("batch", "1");
  await vi.advanceTimersByTimeAsync(10);
  const second = queue.add("batch", "2");
  expect([queue.drop(first.key), queue.drop(second.key)]).toEqual([false, true]);
  expect(states(queue)).toEqual(["1 waiting", "2 undone"]);
  api.online = true;
  await vi.runAllTimersAsync();
  expect(api.added).toEqual(["1"]);
});

test("a scan that was taken back is told so, and its code may come again", async () => {
  const api = new Api();
  const queue = queueOf(api.send);
  for (const code of ["1", "2", "1"]) {
    queue.add("batch", code);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(states(queue)).toEqual(["1 accepted", "2 accepted", "1 present"]);
  const [first] = queue.scans;
  if (first) queue.undo(first);
  api.added = ["2"];
  expect(states(queue)).toEqual(["1 undone", "2 accepted", "1 present"]);
  expect(newestOf(queue.scans)).toMatchObject({ code: "1", state: "undone" });
  await vi.advanceTimersByTimeAsync(10);
  queue.add("batch", "1");
  await vi.runAllTimersAsync();
  expect(states(queue).at(-1)).toBe("1 accepted");
  expect(newestOf(queue.scans)).toMatchObject({ code: "1", state: "accepted" });
});

test("two tabs keep what each of them scanned", () => {
  const never = () => new Promise<never>(() => undefined);
  const [one, other] = [queueOf(never), queueOf(never)];
  one.add("batch", "1");
  other.add("batch", "2");
  expect(states(queueOf(never))).toEqual(["1 waiting", "2 waiting"]);
});
