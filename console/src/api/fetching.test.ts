import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NoNetwork } from "./errors";
import { call, useToken as carry } from "./fetching";

const url = "http://127.0.0.1:8000/api/batches";
const headers = { "Content-Type": "application/json", ETag: '"1"' };
const ask = async (signal?: AbortSignal) => (await call(new Request(url, signal ? { signal } : {}))).json();

/** An API whose answer does not change: whole to who has not seen it, without a body to who has. */
const api = vi.fn((request: Request) =>
  Promise.resolve(
    request.headers.get("If-None-Match") === '"1"'
      ? new Response(null, { status: 304, headers })
      : new Response('{"total":1}', { headers }),
  ),
);

beforeEach(() => {
  carry(undefined);
  api.mockClear();
  vi.stubGlobal("fetch", api);
});
afterEach(() => vi.unstubAllGlobals());

test("what did not change is answered from what was kept, as often as it is asked for", async () => {
  for (let times = 0; times < 3; times += 1) expect(await ask()).toEqual({ total: 1 });
  expect(api.mock.calls.map(([request]) => request.headers.get("If-None-Match"))).toEqual([null, '"1"', '"1"']);
});

/** An answer whose head is there, and whose body ends with an error. */
const broken = (error: Error) => new Response(new ReadableStream({ start: (body) => body.error(error) }), { headers });

test("a request that is given up while its body comes leaves nothing behind", async () => {
  api.mockResolvedValueOnce(broken(new DOMException("given up", "AbortError")));
  await expect(ask()).rejects.toThrow("given up");
  for (let times = 0; times < 2; times += 1) expect(await ask()).toEqual({ total: 1 });
});

test("a network that is lost while the body comes is no network", async () => {
  api.mockResolvedValueOnce(broken(new TypeError("network error")));
  await expect(ask()).rejects.toThrow(NoNetwork);
  expect(await ask()).toEqual({ total: 1 });
});

test("what was kept for one user is not shown to the next", async () => {
  await ask();
  carry("another token");
  await ask();
  expect(api.mock.calls[1]?.[0].headers.get("If-None-Match")).toBeNull();
});
