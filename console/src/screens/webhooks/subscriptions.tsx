import { Box, Progress, Select, Stack, Text, Tooltip } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { FAST_POLL_MS, SLOW_POLL_MS, useList } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { TextLink } from "../../ui/link";
import { Failure } from "../../ui/state";
import { Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { isEventOf, MOST, type Subscription, useCatalogue, WIDE } from "./data";
import { troubleOf } from "./diagnosis";
import { webhooks as route } from "./routes";
import { StateBadge, Why } from "./state";
import { useText } from "./texts";

/** The subscriptions with their state, all on one page. */
export function Subscriptions() {
  const text = useText();
  const { event } = route.useSearch();
  const catalogue = useCatalogue().data;
  const columns = useColumns();
  const isKnown = event !== undefined && isEventOf(catalogue, event);
  const query = useList("/api/webhooks", { query: { limit: MOST, ...(isKnown && { event_type: event }) } }, (data) =>
    data?.items.some((one) => one.health.pending) ? FAST_POLL_MS : SLOW_POLL_MS,
  );
  const items = query.data?.items;
  return (
    <>
      {query.error && <Failure error={query.error} again={() => void query.refetch()} />}
      <Table
        name="webhooks"
        label={text("subscriptions")}
        columns={columns}
        records={items ?? (query.error ? [] : undefined)}
        id={(one) => one.uuid}
        busy={query.isPlaceholderData}
        nothing={text(event ? "nothingOfEvent" : "nothing")}
        tools={<EventFilter />}
      />
    </>
  );
}

function EventFilter() {
  const text = useText();
  const navigate = useNavigate();
  const { event } = route.useSearch();
  const catalogue = useCatalogue().data ?? [];
  return (
    <Select
      aria-label={text("event")}
      placeholder={text("anyEvent")}
      searchable
      clearable
      w={{ base: 240, xs: 320 }}
      data={catalogue.map((one) => ({ value: one.name, label: `${one.description} · ${one.name}` }))}
      value={event ?? null}
      onChange={(next) => void navigate({ to: "/webhooks", search: next ? { event: next } : {}, replace: true })}
    />
  );
}

function useColumns(): DataTableColumn<Subscription>[] {
  const text = useText();
  return [
    { accessor: "url", title: text("address"), render: (one) => <Address of={one} /> },
    {
      accessor: "state",
      title: text("state"),
      render: (one) => (
        <Stack gap={2} align="flex-start">
          <StateBadge of={one} />
          {troubleOf(one) && (
            <Text size="xs">
              <Why error={one.is_active ? one.health.last_error : one.disabled_reason} />
            </Text>
          )}
        </Stack>
      ),
    },
    { accessor: "rate", title: text("rate"), visibleMediaQuery: WIDE, render: (one) => <Rate of={one} /> },
    {
      accessor: "pending",
      title: text("backlog"),
      textAlign: "right",
      visibleMediaQuery: WIDE,
      render: ({ health }) => health.pending,
    },
    {
      accessor: "last",
      title: text("lastDelivered"),
      visibleMediaQuery: WIDE,
      render: ({ health }) =>
        health.last_delivered_at ? <Time value={health.last_delivered_at} ago /> : text("never"),
    },
    {
      accessor: "events",
      title: text("events"),
      visibleMediaQuery: WIDE,
      render: ({ events }) => (
        <Tooltip label={events.join(", ")} multiline maw={320}>
          <Text span inherit style={{ whiteSpace: "nowrap" }}>
            {text("events", { count: events.length })}
          </Text>
        </Tooltip>
      ),
    },
  ];
}

function Address({ of: { uuid, url } }: { readonly of: Subscription }) {
  return (
    <TextLink inherit style={{ overflowWrap: "anywhere" }} to="/webhooks/$id" params={{ id: uuid }}>
      {url}
    </TextLink>
  );
}

/** How much of what was to be delivered has been. */
export function Rate({ of: { health } }: { readonly of: Subscription }) {
  const text = useText();
  const { percent, number } = useFormat();
  const { success_rate, delivered, failed } = health;
  if (success_rate === null) return <>—</>;
  const color = success_rate >= 99 ? "teal" : success_rate >= 80 ? "orange" : "red";
  return (
    <Tooltip label={text("counts", { delivered: number(delivered), failed: number(failed) })}>
      <Box miw={90}>
        <Text size="sm">{percent(success_rate)}</Text>
        <Progress value={success_rate} color={color} size="xs" aria-label={text("rateHint")} />
      </Box>
    </Tooltip>
  );
}
