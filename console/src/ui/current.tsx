/** What a form changes, as it is when the form opens, with the tag that it is saved with (If-Match). */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Loaded } from "./state";

export interface Tagged<Data> {
  readonly data: Data;
  readonly etag: string;
}

/** Reads a record for a form. `children` gets it, and a function that reads it again after another user has saved. */
export function Current<Data>({
  name,
  read,
  children,
}: {
  /** What is read, and its id: the key of the query. */
  readonly name: readonly [string, string | number];
  readonly read: () => Promise<Tagged<Data>>;
  readonly children: (current: Tagged<Data>, again: () => void) => ReactNode;
}) {
  const query = useQuery({
    queryKey: ["form", ...name],
    queryFn: read,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return <Loaded query={query}>{(current) => children(current, () => void query.refetch())}</Loaded>;
}
