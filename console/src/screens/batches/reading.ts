/** Reading a batch with its ETag. */
import { useQueryClient } from "@tanstack/react-query";
import { client, withEtag } from "../../api/client";
import type { Batch } from "./parts";

export interface Seen {
  readonly data: Batch;
  readonly etag: string;
}

export const read = (id: string): Promise<Seen> =>
  withEtag(client.GET("/api/batches/{batch_id}", { params: { path: { batch_id: id } } }));

/** The parameters of a change of the version that was seen. */
export const params = ({ data, etag }: Seen) => ({ path: { batch_id: data.uuid }, header: { "If-Match": etag } });

/** A function that invalidates all queries of a batch. */
export function useRefresh(id: string) {
  const queries = useQueryClient();
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ["batch", id] }),
      queries.invalidateQueries({ queryKey: ["batch events", id] }),
      queries.invalidateQueries({ queryKey: ["get", "/api/products"] }),
      queries.invalidateQueries({ queryKey: ["get", "/api/batches"] }),
    ]);
}
