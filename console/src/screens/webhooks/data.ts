/** Reading subscriptions and the event catalogue, and changing what was seen. */
import { useQuery } from "@tanstack/react-query";
import { api, client, FAST_POLL_MS, type Schema, SLOW_POLL_MS, withEtag } from "../../api/client";

export type Subscription = Schema<"Subscription">;
export type Delivery = Schema<"Delivery">;
export type EventName = Schema<"ExampleSend">["event"];

/** The operator's screen: columns that a phone has no room for. */
export const WIDE = "(min-width: 62em)";
export const MOST = 100; // subscriptions that there may be
const SELDOM = 600_000;

export interface Seen {
  readonly data: Subscription;
  readonly etag: string;
}

export const read = (id: string): Promise<Seen> =>
  withEtag(client.GET("/api/webhooks/{subscription_id}", { params: { path: { subscription_id: id } } }));

/** The parameters of a change of the version that was seen. */
export const params = ({ data, etag }: Seen) => ({
  path: { subscription_id: data.uuid },
  header: { "If-Match": etag },
});

/** A subscription with its tag; asked for often while something is on its way. */
export const useSubscription = (id: string) =>
  useQuery({
    queryKey: ["webhook", id],
    queryFn: () => read(id),
    refetchInterval: ({ state }) => (state.data?.data.health.pending ? FAST_POLL_MS : SLOW_POLL_MS),
  });

/** The events that webhooks may get, as the catalogue has them. */
export function useCatalogue() {
  const query = api.useQuery("get", "/api/events", {}, { staleTime: SELDOM });
  return { ...query, data: query.data?.items.filter((event) => event.webhook_enabled) };
}

/** Whether a name is that of an event; the address or a select may say anything. */
export const isEventOf = (names: readonly Schema<"EventTypeView">[] | undefined, name: string): name is EventName =>
  (names ?? []).some((event) => event.name === name);

/** The words for the name of an event; the name itself where the catalogue does not know it. */
export function useEventName() {
  const catalogue = useCatalogue().data;
  return (name: string) => catalogue?.find((one) => one.name === name)?.description ?? name;
}
