/** Waiting for what comes of a delivery that is sent again. */
import type { Delivery } from "./data";

const MAX_WAIT_MS = 60_000;
const PAUSE = 1_000;

type Seen = Pick<Delivery, "status" | "attempts">;

/** Whether a delivery was tried again since it had `attempts` of them, or has ended. */
export const isTried = (delivery: Seen, attempts: number) =>
  delivery.status !== "pending" || delivery.attempts > attempts;

/** Ask for a delivery until it was tried again; as it is then, or undefined when that takes too long. */
export async function outcomeOf<One extends Seen>(ask: () => Promise<One>, attempts: number): Promise<One | undefined> {
  for (const end = Date.now() + MAX_WAIT_MS; Date.now() < end; ) {
    const delivery = await ask();
    if (isTried(delivery, attempts)) return delivery;
    await new Promise((resolve) => window.setTimeout(resolve, PAUSE));
  }
  return undefined;
}
