/** Work centres by name, for filters, forms and tables. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, client, requireBody, type Schema } from "../../api/client";

export type WorkCenter = Schema<"WorkCenter">;

const PAGE = 100;
const MOST = 1_000;
const KEPT_MS = 60_000;
const KEY = ["work centers"];

export const titleOf = (center: WorkCenter) => `${center.name} · ${center.identifier}`;

/** The first thousand work centres by name: more than a site has. */
export function useWorkCenters() {
  return useQuery({ queryKey: KEY, queryFn: readAll, staleTime: KEPT_MS });
}

async function readAll(): Promise<WorkCenter[]> {
  const found: WorkCenter[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: PAGE, sort_field: "name" as const, sort_direction: "ASC" as const };
    const { data } = await client.GET("/api/work_centers", {
      params: { query: cursor ? { ...query, cursor } : query },
    });
    const page: Schema<"WorkCenterPage"> = requireBody(data);
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null && found.length < MOST);
  return found;
}

/** A function that invalidates the work centres after a change. */
export function useForgetWorkCenters() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: KEY });
}

/** One work centre: from the list, or by itself where the list does not have it. */
export function useWorkCenter(id: string): WorkCenter | undefined {
  const all = useWorkCenters();
  const known = all.data?.find((center) => center.uuid === id);
  const alone = api.useQuery(
    "get",
    "/api/work_centers/{work_center_id}",
    { params: { path: { work_center_id: id } } },
    { enabled: all.data !== undefined && known === undefined, staleTime: KEPT_MS },
  );
  return known ?? alone.data;
}
