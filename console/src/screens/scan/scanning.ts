/** The queue of the user who is logged in, and the keys of the scanner, as hooks. */
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { client, requireBody } from "../../api/client";
import { key } from "../../api/idempotent-post";
import { useUser } from "../../app/session";
import { type Scan, type ScanEnd, ScanQueue } from "./queue";
import { Scanner } from "./scanner";

const queues = new Map<string, ScanQueue>();

async function send(scan: Scan) {
  const { data } = await client.POST("/api/batches/{batch_id}/products", {
    params: { path: { batch_id: scan.batch }, header: { "Idempotency-Key": scan.key } },
    body: { unique_code: scan.code },
  });
  return { total: requireBody(data).products_total };
}

/** The queue of the user: one for the life of the page, whichever screen is open. */
export function useQueue(): { readonly queue: ScanQueue; readonly scans: readonly Scan[] } {
  const { id } = useUser();
  const queue = useMemo(() => {
    const known = queues.get(id) ?? new ScanQueue(id, send, window.localStorage, key);
    queues.set(id, known);
    return known;
  }, [id]);
  const scans = useSyncExternalStore(queue.subscribe, () => queue.scans);
  useEffect(() => {
    queue.retry();
    window.addEventListener("online", queue.retry);
    return () => window.removeEventListener("online", queue.retry);
  }, [queue]);
  return { queue, scans };
}

/** Calls `onEnd` for each scan that is answered while the screen is open. */
export function useEnds(scans: readonly Scan[], onEnd: (state: ScanEnd) => void) {
  const reported = useRef<Set<string>>(undefined);
  useEffect(() => {
    const ended = scans.filter((scan) => scan.state !== "waiting");
    for (const scan of ended)
      if (reported.current && !reported.current.has(scan.key) && scan.state !== "waiting" && scan.state !== "undone")
        onEnd(scan.state);
    reported.current = new Set(ended.map((scan) => scan.key));
  }, [scans, onEnd]);
}

/** Gives codes that a scanner types anywhere on the page, but not in fields and dialogs, to `onCode`. */
export function useScanner(onCode: (code: string) => void) {
  const latest = useRef(onCode);
  latest.current = onCode;
  useEffect(() => {
    const scanner = new Scanner((code) => latest.current(code));
    const listen = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.isComposing || event.altKey || event.metaKey) return;
      if (target?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]")) return;
      if (scanner.take(event, event.timeStamp)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    window.addEventListener("keydown", listen, { capture: true });
    return () => window.removeEventListener("keydown", listen, { capture: true });
  }, []);
}
