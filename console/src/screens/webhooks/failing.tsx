import { Button, Center, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { DataTableColumn } from "mantine-datatable";
import { client, requireBody, type Schema, SLOW_POLL_MS } from "../../api/client";
import { TextLink } from "../../ui/link";
import { Failure } from "../../ui/state";
import { Table } from "../../ui/table";
import { useText as useUiText } from "../../ui/texts";
import { Time } from "../../ui/time";
import { useEventName, WIDE } from "./data";
import { lastColumns, Result } from "./deliveries";
import { useDeliveryText } from "./delivery-texts";

type Failing = Schema<"FailingDelivery">;
const PAGE = 25;
const REFRESHED_PAGES = 4;

async function read(cursor: string | null) {
  const query = cursor === null ? { limit: PAGE } : { limit: PAGE, cursor };
  return requireBody((await client.GET("/api/webhooks/failing", { params: { query } })).data);
}

/** The failing deliveries of all subscriptions, newest first. */
export function Failing() {
  const text = useDeliveryText();
  const ui = useUiText();
  const columns = useColumns();
  const query = useInfiniteQuery({
    queryKey: ["failing deliveries"],
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= REFRESHED_PAGES ? SLOW_POLL_MS : false),
  });
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {text("failingHint")}
      </Text>
      {query.error && <Failure error={query.error} again={() => void query.refetch()} />}
      <Table
        name="failing"
        label={text("failed")}
        columns={columns}
        records={query.data?.pages.flatMap(({ items }) => items) ?? (query.error ? [] : undefined)}
        id={(one) => one.uuid}
        nothing={text("allFine")}
      />
      {query.hasNextPage && (
        <Center>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {ui("more")}
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function useColumns(): DataTableColumn<Failing>[] {
  const text = useDeliveryText();
  const words = useEventName();
  return [
    { accessor: "subscription_url", title: text("subscription"), render: (one) => <Where of={one} /> },
    { accessor: "event_type", title: text("event"), visibleMediaQuery: WIDE, render: (one) => words(one.event_type) },
    { accessor: "created_at", title: text("when"), render: ({ created_at }) => <Time value={created_at} ago /> },
    {
      accessor: "status",
      title: text("status"),
      render: (one) => <Result of={one} />,
    },
    ...lastColumns<Failing>(text, words, (one) => Boolean(one.subscription_url)),
  ];
}

function Where({ of: { subscription_url, subscription_id, uuid } }: { readonly of: Failing }) {
  const text = useDeliveryText();
  if (!subscription_url)
    return (
      <Text span inherit c="dimmed">
        {text("gone")}
      </Text>
    );
  return (
    <TextLink
      inherit
      style={{ overflowWrap: "anywhere" }}
      to="/webhooks/$id"
      params={{ id: subscription_id }}
      search={{ delivery: uuid }}
    >
      {subscription_url}
    </TextLink>
  );
}
