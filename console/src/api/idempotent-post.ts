/** Idempotent POST requests: one record for a form, also when the request is repeated. */
import { useState } from "react";

type Keyed = { readonly "Idempotency-Key": string };

/** `crypto.randomUUID` is missing on unsafe addresses like http://192.168... */
/** A new key for one request. */
export const key = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * A function that posts a form: `await post(body, (headers) => client.POST("/orders", { body, headers }))`. While the
 * body is the same, the Idempotency-Key is the same, so a retry after a lost response gets the first
 * response; a second click joins the running request. After a success the same body creates another record.
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

/** `idempotentPost()` for the life of a component. */
export const useIdempotentPost = () => useState(idempotentPost)[0];
