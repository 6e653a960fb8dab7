/** Queries shared by these screens. */
import { useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Template } from "./rules";
import { useText } from "./texts";

const MINUTE = 60_000;
const MOST = 100;

/** The templates, the built-in ones first and in the words of the user's language. */
export function useTemplates() {
  const text = useText();
  const query = api.useQuery("get", "/api/v1/templates", { params: { query: { limit: MOST } } }, { staleTime: MINUTE });
  const templates: readonly Template[] = (query.data?.templates ?? []).map((one) => translated(one, text));
  return {
    templates,
    isPending: query.isPending,
    nameOf: (id: number) => templates.find((one) => one.id === id)?.name,
  };
}

const NAMES = ["builtIn1", "builtIn2", "builtIn3", "builtIn4"] as const;
const ABOUT = ["about1", "about2", "about3", "about4"] as const;

function translated(template: Template, text: ReturnType<typeof useText>): Template {
  const [name, description] = [NAMES[template.id - 1], ABOUT[template.id - 1]];
  if (!template.is_builtin || !name || !description) return template;
  return { ...template, name: text(name), description: text(description) };
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
