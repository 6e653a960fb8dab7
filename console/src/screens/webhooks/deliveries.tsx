import { Badge, Group, SegmentedControl, Select, Stack, Text, useMatches } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import dayjs from "dayjs";
import type { DataTableColumn } from "mantine-datatable";
import { FAST_POLL_MS, SLOW_POLL_MS, useList } from "../../api/client";
import { TextLink } from "../../ui/link";
import { Status, type Tone } from "../../ui/status";
import { QueryTable } from "../../ui/table";
import { Time } from "../../ui/time";
import { type Delivery, isEventOf, type Subscription, useCatalogue, useEventName, WIDE } from "./data";
import { DeliveryDrawer } from "./delivery";
import { useDeliveryText } from "./delivery-texts";
import { troubleOf } from "./diagnosis";
import { Resend, ResendFailed } from "./resend";
import { webhook as route } from "./routes";
import { Why } from "./state";
import { useText } from "./texts";

const STATUSES = ["pending", "success", "failed"] as const;
const MOODS: Record<Delivery["status"], Tone> = { pending: "waiting", success: "good", failed: "bad" };

/** The deliveries of a subscription, newest first; one of them opened beside them. */
export function Deliveries({ of }: { readonly of: Subscription }) {
  const text = useDeliveryText();
  const navigate = useNavigate();
  const asked = route.useSearch();
  const { page = 1, size = 20, delivery } = asked;
  const filters = useFilters();
  const columns = useColumns(of);
  const query = useList(
    "/api/webhooks/{subscription_id}/deliveries",
    { path: { subscription_id: of.uuid }, query: { limit: size, offset: (page - 1) * size, ...filters } },
    of.health.pending ? FAST_POLL_MS : SLOW_POLL_MS,
  );
  const change = (changes: typeof asked) =>
    void navigate({ to: "/webhooks/$id", params: { id: of.uuid }, search: { ...asked, ...changes }, replace: true });
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <>
      <QueryTable
        name="deliveries"
        label={text("delivery")}
        columns={columns}
        query={query}
        of={({ items }) => items}
        id={(one) => one.uuid}
        onOpen={(one) => change({ delivery: one.uuid })}
        page={page}
        size={size}
        onPage={(next) => change({ page: next })}
        onSize={(next) => change({ size: next, page: undefined })}
        nothing={text(isFiltered ? "nothingFiltered" : "nothing")}
        tools={<Tools of={of} />}
      />
      {delivery && <DeliveryDrawer subscription={of} id={delivery} onClose={() => change({ delivery: undefined })} />}
    </>
  );
}

/** The filters of the list; invalid ones of the address are ignored. */
function useFilters() {
  const asked = route.useSearch();
  const catalogue = useCatalogue().data;
  const status = STATUSES.find((one) => one === asked.status);
  const event = asked.event !== undefined && isEventOf(catalogue, asked.event) ? asked.event : undefined;
  return { ...(status && { status }), ...(event && { event_type: event }) };
}

function Tools({ of }: { readonly of: Subscription }) {
  const text = useDeliveryText();
  const general = useText();
  const navigate = useNavigate();
  const asked = route.useSearch();
  const catalogue = useCatalogue().data ?? [];
  const width = useMatches({ base: "xs", sm: "sm" });
  const change = (changes: typeof asked) =>
    void navigate({
      to: "/webhooks/$id",
      params: { id: of.uuid },
      search: { ...asked, page: undefined, ...changes },
      replace: true,
    });
  return (
    <>
      <SegmentedControl
        aria-label={text("status")}
        size={width}
        value={STATUSES.find((one) => one === asked.status) ?? ""}
        onChange={(status) => change({ status: status || undefined })}
        data={[{ value: "", label: text("any") }, ...STATUSES.map((one) => ({ value: one, label: text(one) }))]}
      />
      <Select
        aria-label={text("event")}
        placeholder={general("anyEvent")}
        searchable
        clearable
        w={{ base: "100%", xs: 280 }}
        data={catalogue.map((one) => ({ value: one.name, label: `${one.description} · ${one.name}` }))}
        value={asked.event ?? null}
        onChange={(event) => change({ event: event ?? undefined })}
      />
      {!troubleOf(of) && <ResendFailed of={of} />}
    </>
  );
}

/** How a delivery goes, and why it fails. */
export function Result({ of }: { readonly of: Delivery }) {
  const error = of.status === "success" ? null : (of.error_message ?? of.reason);
  return (
    <Stack gap={2} align="flex-start">
      <DeliveryStatus of={of} />
      {error && (
        <Text size="xs">
          <Why error={error} />
        </Text>
      )}
    </Stack>
  );
}

/** How a delivery goes, in a word. */
export function DeliveryStatus({ of: { status, reason, next_attempt_at } }: { readonly of: Delivery }) {
  const text = useDeliveryText();
  if (status === "pending" && reason) return <Status tone="warning">{text("waiting")}</Status>;
  if (status === "pending" && !isLater(next_attempt_at)) return <Status tone="running">{text("sending")}</Status>;
  return <Status tone={MOODS[status]}>{text(status)}</Status>;
}

const isLater = (moment: string | null | undefined) => Boolean(moment) && dayjs(moment).isAfter(dayjs());

function useColumns(subscription: Subscription): DataTableColumn<Delivery>[] {
  const text = useDeliveryText();
  const words = useEventName();
  return [
    {
      accessor: "created_at",
      title: text("when"),
      noWrap: true,
      render: ({ created_at }) => <Time value={created_at} />,
    },
    {
      accessor: "event_type",
      title: text("event"),
      render: (one) => (
        <Group gap={6}>
          <TextLink
            inherit
            aria-label={text("open", { event: words(one.event_type) })}
            to="/webhooks/$id"
            params={{ id: subscription.uuid }}
            search={(before) => ({ ...before, delivery: one.uuid })}
            replace
          >
            {words(one.event_type)}
          </TextLink>
          {one.is_test && (
            <Badge size="xs" variant="default" tt="none">
              {text("test")}
            </Badge>
          )}
        </Group>
      ),
    },
    { accessor: "status", title: text("status"), render: (one) => <Result of={one} /> },
    { accessor: "attempts", title: text("attempts"), textAlign: "right", visibleMediaQuery: WIDE },
    ...lastColumns(text, words, () => subscription.is_active),
  ];
}

/** The columns that end every list of deliveries: the next attempt, and a button where `mayResend` one that failed. */
export function lastColumns<One extends Delivery>(
  text: ReturnType<typeof useDeliveryText>,
  words: (event: string) => string,
  mayResend: (delivery: One) => boolean,
): DataTableColumn<One>[] {
  return [
    {
      accessor: "next_attempt_at",
      title: text("next"),
      visibleMediaQuery: WIDE,
      render: ({ next_attempt_at }) => <Time value={next_attempt_at} ago />,
    },
    {
      accessor: "resend",
      title: text("resend"),
      textAlign: "right",
      visibleMediaQuery: WIDE,
      render: (one) =>
        one.status === "failed" &&
        mayResend(one) && (
          <Resend
            subscription={one.subscription_id}
            delivery={one.uuid}
            event={words(one.event_type)}
            attempts={one.attempts}
          />
        ),
    },
  ];
}
