import { Drawer, Group, Stack, Text, Timeline, Title } from "@mantine/core";
import { FAST_POLL_MS, type Schema, SLOW_POLL_MS, useLive } from "../../api/client";
import { ApiError } from "../../api/errors";
import { useFormat } from "../../i18n/format";
import { Copy } from "../../ui/copy";
import { Loaded, Nothing } from "../../ui/state";
import { Time } from "../../ui/time";
import { type Subscription, useEventName } from "./data";
import { DeliveryStatus } from "./deliveries";
import { useDeliveryText } from "./delivery-texts";
import { causeOf } from "./diagnosis";
import { Json } from "./events";
import { Resend } from "./resend";
import { Explained, Why } from "./state";

type Details = Schema<"DeliveryDetails">;
const KEPT_CHARACTERS = 1_000; // of the answer

/** A delivery beside the list: why it failed, what was sent, what came back, every attempt. */
export function DeliveryDrawer({
  subscription,
  id,
  onClose,
}: {
  readonly subscription: Subscription;
  readonly id: string;
  readonly onClose: () => void;
}) {
  const text = useDeliveryText();
  const query = useLive(
    "/api/webhooks/{subscription_id}/deliveries/{delivery_id}",
    { path: { subscription_id: subscription.uuid, delivery_id: id } },
    (data) => (data?.status === "pending" ? FAST_POLL_MS : SLOW_POLL_MS),
  );
  const words = useEventName();
  const isGone = query.error instanceof ApiError && query.error.status === 404;
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={query.data ? words(query.data.event_type) : text("delivery")}
    >
      {isGone ? (
        <Nothing>{text("unknown")}</Nothing>
      ) : (
        <Loaded query={query}>{(delivery) => <Content delivery={delivery} isActive={subscription.is_active} />}</Loaded>
      )}
    </Drawer>
  );
}

function Content({ delivery, isActive }: { readonly delivery: Details; readonly isActive: boolean }) {
  const text = useDeliveryText();
  const words = useEventName();
  const error = delivery.status === "success" ? null : (delivery.error_message ?? delivery.reason);
  const cause = causeOf(error);
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="xs">
          <DeliveryStatus of={delivery} />
          <Text size="sm" c="dimmed">
            <When delivery={delivery} />
          </Text>
        </Group>
        {delivery.status !== "pending" && isActive && (
          <Resend
            size="sm"
            subscription={delivery.subscription_id}
            delivery={delivery.uuid}
            event={words(delivery.event_type)}
            attempts={delivery.attempts}
          />
        )}
      </Group>
      {cause && (
        <Explained cause={cause} error={error}>
          {delivery.reason && delivery.reason !== error && (
            <Text size="sm">
              <Why error={delivery.reason} />
            </Text>
          )}
        </Explained>
      )}
      <Answer delivery={delivery} />
      <Attempts log={delivery.attempt_log} />
      <Section title={text("payload")}>
        <Json label={text("payload")} value={delivery.payload} />
        <Copy value={JSON.stringify(delivery.payload, null, 2)} mr="auto">
          {text("copy")}
        </Copy>
      </Section>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {text("number")}: {delivery.uuid}
      </Text>
    </Stack>
  );
}

function When({ delivery }: { readonly delivery: Details }) {
  const text = useDeliveryText();
  if (delivery.next_attempt_at)
    return (
      <>
        {text("next")} <Time value={delivery.next_attempt_at} ago />
      </>
    );
  return <Time value={delivery.delivered_at ?? delivery.updated_at ?? delivery.created_at} />;
}

function Section({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <Stack gap={6}>
      <Title order={3} size="h6">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

function Answer({ delivery }: { readonly delivery: Details }) {
  const text = useDeliveryText();
  const { response_status, response_body } = delivery;
  if (delivery.attempts === 0) return null;
  return (
    <Section title={text("response")}>
      <Text size="sm">
        {response_status === null ? text("noResponse") : text("statusIs", { status: response_status })}
      </Text>
      {response_body && <Json label={text("response")} value={response_body} />}
      {response_status !== null && !response_body && (
        <Text size="sm" c="dimmed">
          {text("emptyBody")}
        </Text>
      )}
      {response_body && response_body.length >= KEPT_CHARACTERS && (
        <Text size="xs" c="dimmed">
          {text("cut")}
        </Text>
      )}
    </Section>
  );
}

function Attempts({ log }: { readonly log: Details["attempt_log"] }) {
  const text = useDeliveryText();
  const { exact, number } = useFormat();
  if (log.length === 0)
    return (
      <Section title={text("attempts")}>
        <Text size="sm" c="dimmed">
          {text("noAttempts")}
        </Text>
      </Section>
    );
  return (
    <Section title={text("attempts")}>
      <Timeline bulletSize={16} lineWidth={2} active={log.length} role="list">
        {log.map((attempt, index) => (
          <Timeline.Item key={attempt.at} role="listitem" color={attempt.error ? "red" : "teal"}>
            <Text size="sm">
              {text("attempt", { number: index + 1 })}:{" "}
              {attempt.error ? <Why error={attempt.error} /> : text("statusIs", { status: attempt.status })}
            </Text>
            <Text size="xs" c="dimmed">
              {exact(attempt.at)} · {text("ms", { count: number(attempt.ms) })}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}
