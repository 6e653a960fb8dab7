import { expect, test } from "vitest";
import { idempotentPost } from "./idempotent-post";

const ORDER = { product: "bolt" };

/** Something that posts: it keeps the keys, and answers as it is told. */
function desk() {
  const keys: string[] = [];
  const answers: (() => Promise<string>)[] = [];
  return {
    keys,
    answers,
    post: (headers: { "Idempotency-Key": string }) => {
      keys.push(headers["Idempotency-Key"]);
      return (answers.shift() ?? (async () => "made"))();
    },
  };
}

test("a second click while the first request runs joins it", async () => {
  const { keys, post } = desk();
  const send = idempotentPost();
  expect(await Promise.all([send(ORDER, post), send(ORDER, post)])).toEqual(["made", "made"]);
  expect(keys).toHaveLength(1);
});

test("a second try after a lost answer has the key of the first", async () => {
  const { keys, answers, post } = desk();
  const send = idempotentPost();
  answers.push(() => Promise.reject(new Error("lost")));
  await expect(send(ORDER, post)).rejects.toThrow("lost");
  expect(await send(ORDER, post)).toBe("made");
  expect(keys[0]).toBe(keys[1]);
});

test("another body, and the same one after a success, are another thing", async () => {
  const { keys, post } = desk();
  const send = idempotentPost();
  await send(ORDER, post);
  await send({ product: "nut" }, post);
  await send({ product: "nut" }, post);
  expect(new Set(keys).size).toBe(3);
  expect(keys.every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true);
});
