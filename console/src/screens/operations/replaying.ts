/** The replay of failed operations in several requests: the API limits the number of each. */
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { client, requireBody, type Schema } from "../../api/client";
import type { Operation } from "./rules";

export type Choice = Omit<Schema<"Replay">, "dry_run" | "cursor">;
type Answer = Schema<"Replayed">;

/** The operations found or retried so far. */
export interface Sum {
  readonly matched: number;
  readonly replayed: number;
  readonly items: readonly Operation[];
  readonly skipped: Answer["skipped"];
  /** Where it goes on; null at the end. */
  readonly cursor: string | null;
}

export const NOTHING: Sum = { matched: 0, replayed: 0, items: [], skipped: [], cursor: null };
/** The limits of counting and listing in the preview; a confirmed replay has no limit. */
export const COUNTED = 1_000;
const LISTED = 100;

/** Add a response to the sum. */
export function plus(
  sum: Sum,
  answer: Pick<Answer, "matched" | "replayed" | "items" | "skipped" | "next_cursor">,
): Sum {
  return {
    matched: sum.matched + answer.matched,
    replayed: sum.replayed + answer.replayed,
    items: [...sum.items, ...answer.items].slice(0, LISTED),
    skipped: [...sum.skipped, ...answer.skipped],
    cursor: answer.next_cursor,
  };
}

type Stage = "choosing" | "looking" | "preview" | "running" | "stopped" | "over";

export interface Replaying {
  readonly stage: Stage;
  readonly found: Sum;
  readonly made: Sum;
  readonly error: unknown;
}

const START: Replaying = { stage: "choosing", found: NOTHING, made: NOTHING, error: undefined };

async function ask(choice: Choice, dry: boolean, cursor: string | null) {
  const body = { ...choice, dry_run: dry, ...(cursor && { cursor }) };
  return requireBody((await client.POST("/api/v1/operations/replay", { body })).data);
}

/** A replay: choice, preview, result. A stopped or failed replay continues where it was. */
export function useReplay() {
  const queries = useQueryClient();
  const [now, setNow] = useState(START);
  const stopping = useRef(false);
  const look = async (choice: Choice) => {
    setNow({ ...START, stage: "looking" });
    let found = NOTHING;
    try {
      do {
        found = plus(found, await ask(choice, true, found.cursor));
        setNow({ ...START, stage: "looking", found });
      } while (found.cursor && found.matched < COUNTED);
      setNow({ ...START, stage: "preview", found });
    } catch (error) {
      setNow({ ...START, error });
    }
  };
  const run = async (choice: Choice) => {
    stopping.current = false;
    let { made } = now;
    setNow({ ...now, stage: "running", error: undefined });
    try {
      do {
        made = plus(made, await ask(choice, false, made.cursor));
        const progressed = made;
        setNow((before) => ({ ...before, made: progressed }));
      } while (made.cursor && !stopping.current);
      setNow((before) => ({ ...before, stage: made.cursor ? "stopped" : "over" }));
    } catch (error) {
      setNow((before) => ({ ...before, stage: "stopped", error }));
    } finally {
      void queries.invalidateQueries();
    }
  };
  return {
    ...now,
    look,
    run,
    stop: () => {
      stopping.current = true;
    },
    again: () => setNow(START),
  };
}
