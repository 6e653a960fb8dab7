import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client, requireBody } from "../../api/client";
import { ApiError } from "../../api/errors";
import { notifyError } from "../../ui/notify";
import type { Scan, ScanQueue } from "./queue";
import { useText } from "./texts";

/** The last scan that put something into the batch, or is about to. */
const lastOf = (scans: readonly Scan[]) =>
  scans.findLast((scan) => scan.state === "accepted" || scan.state === "waiting");

/** Taking back the last scan: out of the queue if it was never sent, else its product out of the batch. */
export function useUndo(queue: ScanQueue, batch: string) {
  const text = useText();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: async (scan: Scan) => {
      const query = { batch_id: batch, unique_code: scan.code };
      const { data } = await client.GET("/api/products", { params: { query } });
      const product = requireBody(data).items[0];
      if (!product) return;
      const path = { batch_id: batch, product_id: product.uuid };
      await client.DELETE("/api/batches/{batch_id}/products/{product_id}", { params: { path } }).catch((error) => {
        if (!(error instanceof ApiError && error.status === 404)) throw error; // removed by another user
      });
    },
    onSuccess: (_, scan) => {
      queue.undo(scan);
      return queries.invalidateQueries({ queryKey: ["get", "/api/products"] });
    },
    onError: notifyError,
  });
  const run = (scans: readonly Scan[]) => {
    const scan = lastOf(scans);
    if (!scan) return;
    if (scan.state === "accepted") remove.mutate(scan);
    else if (!queue.drop(scan.key)) notifyError(new Error(text("undoLater")));
  };
  return { last: lastOf, run, isBusy: remove.isPending };
}
