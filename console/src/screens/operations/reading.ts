/** Asking for the list of operations. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, client, requireBody } from "../../api/client";
import { useUser } from "../../app/session";
import { usePerson } from "../../ui/people";
import type { operations as route } from "./routes";
import { goesOn, pause, queryOf, together } from "./rules";

export type Asked = ReturnType<typeof route.useSearch>;

/** The number of the user with that id, by which the API knows owners; undefined while it is asked for. */
export function useNumber(id: string | undefined) {
  const me = useUser();
  const isMe = id === me.id;
  const profile = api.useQuery("get", "/v1/users/profile", {}, { enabled: isMe, staleTime: 60_000 });
  const { person } = usePerson(isMe || id === undefined ? "" : id);
  return isMe ? profile.data?.data.number : person?.number;
}

/** The operations that match, page by page; the shown pages are polled. */
export function useOperations(asked: Asked) {
  const [wanted, setWanted] = useState(1);
  const owner = useNumber(asked.owner);
  const filters = queryOf(asked, owner);
  const words = JSON.stringify(filters);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its first screenful
  useEffect(() => setWanted(1), [words]);
  const query = useInfiniteQuery({
    queryKey: ["operations", words],
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const { data } = await client.GET("/api/v1/operations", { params: { query: { ...filters, ...cursor } }, signal });
      return requireBody(data);
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: ({ state }) => pause(state.data?.pages),
    enabled: asked.owner === undefined || owner !== undefined,
  });
  const pages = query.data?.pages;
  const isShort = pages !== undefined && goesOn(pages, wanted);
  const { fetchNextPage, isFetching, isError } = query;
  useEffect(() => {
    if (isShort && !isFetching && !isError) void fetchNextPage();
  }, [isShort, isFetching, isError, fetchNextPage]);
  return {
    query,
    records: pages && together(pages),
    isLooking: isShort && !isError,
    hasMore: query.hasNextPage,
    more: () => {
      setWanted((before) => before + 1);
      void fetchNextPage();
    },
  };
}
