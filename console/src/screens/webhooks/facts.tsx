/** The fields of a subscription. */
import { Badge, Card, Group, Text } from "@mantine/core";
import { useFormat } from "../../i18n/format";
import { Facts } from "../../ui/facts";
import { Time } from "../../ui/time";
import type { Subscription } from "./data";
import { Why } from "./state";
import { Rate } from "./subscriptions";
import { useText } from "./texts";

/** The results of its deliveries. */
export function HealthFacts({ of }: { readonly of: Subscription }) {
  const text = useText();
  const { number } = useFormat();
  const { health } = of;
  return (
    <Facts
      size="sm"
      facts={[
        [text("rate"), <Rate key="rate" of={of} />],
        [text("total"), text("counts", { delivered: number(health.delivered), failed: number(health.failed) })],
        [text("backlog"), number(health.pending)],
        [
          text("lastDelivered"),
          health.last_delivered_at ? <Time key="last" value={health.last_delivered_at} ago /> : text("never"),
        ],
        [
          text("lastError"),
          health.last_error_at ? (
            <>
              <Why error={health.last_error} />, <Time value={health.last_error_at} ago />
            </>
          ) : (
            text("never")
          ),
        ],
      ]}
    />
  );
}

/** Its settings. */
export function SettingsFacts({ of }: { readonly of: Subscription }) {
  const text = useText();
  return (
    <>
      <Facts
        size="sm"
        facts={[
          [text("address"), of.url],
          [text("retries"), of.retry_count],
          [text("timeout"), text("seconds", { count: of.timeout })],
          [text("notify"), of.notify_email ?? text("noAddress")],
          [text("createdAt"), <Time key="made" value={of.created_at} />],
        ]}
      />
      <Card withBorder>
        <Text size="xs" c="dimmed" mb={4}>
          {text("events", { count: of.events.length })}
        </Text>
        <Group gap={6}>
          {of.events.map((name) => (
            <Badge key={name} variant="default" tt="none" fw={400}>
              {name}
            </Badge>
          ))}
        </Group>
      </Card>
    </>
  );
}
