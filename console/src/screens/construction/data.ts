/** Queries shared by these screens. */
import { useMediaQuery } from "@mantine/hooks";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { api, client, requireBody } from "../../api/client";
import type { Person } from "../../ui/people";
import type { Site } from "./words";

const MINUTE = 60_000;
const MOST_SITES = 100;
const FIXERS = ["engineer", "manager", "admin"];

/** Whether the window is as narrow as a phone's. */
export const useIsPhone = () => useMediaQuery("(max-width: 48em)", window.innerWidth < 768) ?? false;

/** The sites to choose from, those where work goes on first; there may be more than are here. */
export function useSites() {
  const query = { limit: MOST_SITES, sort_field: "name", sort_direction: "ASC" } as const;
  const { data } = api.useQuery("get", "/api/v1/sites", { params: { query } }, { staleTime: MINUTE });
  const items = data?.items ?? [];
  const sorted = [...items].sort((one, other) => one.status.localeCompare(other.status));
  return { sites: sorted, more: (data?.total ?? 0) > items.length };
}

/** The site with exactly that code, where the list above is not all. */
export async function siteByCode(code: string): Promise<Site | undefined> {
  const { data } = await client.GET("/api/v1/sites", { params: { query: { code, limit: 1 } } });
  return requireBody(data).items[0];
}

/** A function that answers the name of a site by its id; each is asked for once. */
export function useSiteNames(ids: readonly string[]) {
  const { sites } = useSites();
  const unknown = [...new Set(ids)].filter((id) => !sites.some((site) => site.id === id));
  const asked = useQueries({
    queries: unknown.map((site_id) => ({
      ...api.queryOptions("get", "/api/v1/sites/{site_id}", { params: { path: { site_id } } }),
      staleTime: MINUTE,
    })),
  });
  const known = new Map([...sites, ...asked.flatMap(({ data }) => (data ? [data] : []))].map((one) => [one.id, one]));
  return (id: string) => known.get(id)?.name ?? "…";
}

/** Whether a user may fix defects. */
export const fixes = (person: Person) => !person.is_machine && person.roles.some((role) => FIXERS.includes(role));

/** Invalidate the queries of defects and sites after a change. */
export function useRefresh() {
  const queries = useQueryClient();
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => typeof queryKey[1] === "string" && /\/v1\/(defects|sites)/.test(queryKey[1]),
    });
}
