/** Users shown and chosen by name and email. */
import { Select, type SelectProps, Text } from "@mantine/core";
import { useState } from "react";
import { api, type Schema } from "../api/client";
import { useMay, useUser } from "../app/session";
import { TextLink } from "./link";
import { useText } from "./texts";

export type Person = Schema<"UserView">;

/** The number of newest users that a search by name reads; other users are found by their whole email. */
export const DIRECTORY = 1_000;
const SELDOM = 60_000;

/** Whether a text may be a whole email. */
export const isEmail = (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim());

/** The fields that a select of users needs. */
type Known = Pick<Person, "id" | "name" | "email">;

/** Whether a search text matches a user by parts of the name or the email. */
export function matchesSearch({ name, email }: Pick<Person, "name" | "email">, typed: string) {
  const wanted = typed.trim().toLowerCase().split(/\s+/);
  const known = `${name} ${email ?? ""}`.toLowerCase();
  return wanted.every((word) => known.includes(word));
}

/** The newest users; empty without the right to list users. */
export function useDirectory() {
  const may = useMay();
  const query = api.useQuery(
    "get",
    "/users",
    { params: { query: { limit: DIRECTORY } } },
    { enabled: may("GET /users") !== undefined, staleTime: SELDOM },
  );
  return {
    people: query.data?.data ?? [],
    hasMore: (query.data?.meta.total ?? 0) > DIRECTORY,
    isPending: query.isLoading,
  };
}

/** The user with that id: the current user, from the directory, or requested. */
export function usePerson(id: string) {
  const me = useUser();
  const may = useMay();
  const { people, isPending } = useDirectory();
  const known = people.find((one) => one.id === id);
  const asked = api.useQuery(
    "get",
    "/users/{user_id}",
    { params: { path: { user_id: id } } },
    {
      enabled: id !== "" && id !== me.id && !known && !isPending && may("GET /users/{user_id}") === "yes",
      staleTime: SELDOM,
      retry: false,
    },
  );
  return { person: known ?? asked.data?.data, isMe: id === me.id };
}

/** The name of a user, with a link when the current user may open it. */
export function PersonName({ id, linked = true }: { readonly id: string; readonly linked?: boolean }) {
  const text = useText();
  const me = useUser();
  const may = useMay();
  const { person, isMe } = usePerson(id);
  const name = person?.name ?? (isMe ? me.name : undefined);
  if (!name)
    return (
      <Text span inherit c="dimmed">
        {text("unknownPerson")}
      </Text>
    );
  if (!linked || may("GET /users") === undefined) return <>{name}</>;
  return (
    <TextLink inherit to="/users/$id" params={{ id }}>
      {name}
    </TextLink>
  );
}

/** A select of users by name or email, filtered by `only`; the value is the id. Needs the right to list users. */
export function PersonSelect({
  value,
  onChange,
  only,
  ...props
}: Omit<SelectProps, "data" | "value" | "onChange"> & {
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  readonly only?: (person: Person) => boolean;
}) {
  const text = useText();
  const me = useUser();
  const [typed, setTyped] = useState("");
  const { people, hasMore, isPending } = useDirectory();
  const { person } = usePerson(value ?? "");
  const exact = api.useQuery(
    "get",
    "/users",
    { params: { query: { email: typed.trim(), limit: 1 } } },
    { enabled: hasMore && isEmail(typed), staleTime: SELDOM },
  );
  const offered = [...people, ...(exact.data?.data ?? [])].filter((one) => only?.(one) ?? true);
  const known: Known[] = [...(only ? [] : [me]), ...offered, ...(person ? [person] : [])];
  const byId = new Map(known.map((one) => [one.id, one]));
  const shown = (one: Known) => (one.email ? `${one.name} · ${one.email}` : one.name);
  return (
    <Select
      searchable
      clearable
      limit={50}
      nothingFoundMessage={isPending ? text("loading") : text(hasMore ? "personByEmail" : "noPerson")}
      {...props}
      data={[...byId.values()].map((one) => ({ value: one.id, label: shown(one) }))}
      filter={({ options, search, limit }) =>
        options
          .filter((option) => {
            const one = "value" in option ? byId.get(option.value) : undefined;
            return one && (search === shown(one) || matchesSearch(one, search));
          })
          .slice(0, limit)
      }
      value={value}
      onChange={onChange}
      onSearchChange={setTyped}
    />
  );
}
