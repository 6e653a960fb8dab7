/** Queries shared by these screens. */
import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Template } from "./rules";

const MINUTE = 60_000;
const MOST = 100;

/** The templates, the built-in ones first. */
export function useTemplates() {
  const query = api.useQuery("get", "/api/v1/templates", { params: { query: { limit: MOST } } }, { staleTime: MINUTE });
  const templates: readonly Template[] = query.data?.templates ?? [];
  return {
    templates,
    isPending: query.isPending,
    nameOf: (id: number) => templates.find((one) => one.id === id)?.name,
  };
}

/** A function that has reports, templates and schedules asked for again. */
export function useRefresh() {
  const queries = useQueryClient();
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) =>
        typeof queryKey[1] === "string" && /^\/api\/v1\/(reports|sagas|templates|schedules)/.test(queryKey[1]),
    });
}
