/** Making a thing idempotentPost, however often its form is sent. */
import { useState } from "react";

type Keyed = { readonly "Idempotency-Key": string };

/** Not `crypto.randomUUID`, which browsers have on safe addresses only, not on http://192.168... */
/** A new key for one request. */
export const key = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * A function that posts one form: `await post(body, (headers) => client.POST("/orders", { body, headers }))`. While the
 * form says the same its Idempotency-Key stays the same, so a second try after a lost answer gets the first one's
 * answer; a second click joins the request that runs. After a success the same words make another thing.
 */
export function idempotentPost() {
  let sent = "";
  let headers: Keyed = { "Idempotency-Key": key() };
  let running: Promise<unknown> | undefined;
  return async <Answer>(body: unknown, post: (headers: Keyed) => Promise<Answer>): Promise<Answer> => {
    const words = JSON.stringify(body);
    if (words !== sent) [sent, headers, running] = [words, { "Idempotency-Key": key() }, undefined];
    const mine = (running as Promise<Answer> | undefined) ?? post(headers);
    running = mine;
    try {
      const answer = await mine;
      if (running === mine) sent = "";
      return answer;
    } finally {
      if (running === mine) running = undefined;
    }
  };
}

/** `idempotentPost()` for the life of a component: of the form that makes the thing. */
export const useIdempotentPost = () => useState(idempotentPost)[0];
