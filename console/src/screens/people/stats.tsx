import { Card, Group, SimpleGrid, Text } from "@mantine/core";
import { useLive } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Failure } from "../../ui/state";
import { OrderState } from "./order-parts";
import { isStatus, STATUSES } from "./orders-rules";
import { useText } from "./orders-texts";

/** The number and sum of the own orders; nothing without orders. */
export function MyStats() {
  const text = useText();
  const { money } = useFormat();
  const query = useLive("/orders/my-stats", {});
  if (query.error) return <Failure error={query.error} again={() => void query.refetch()} />;
  const stats = query.data?.data;
  if (!stats || stats.total_orders === 0) return null;
  return (
    <SimpleGrid cols={{ base: 2, xs: 3, lg: 5 }} spacing="xs">
      <Card withBorder padding="sm">
        <Text size="sm">{text("allMine")}</Text>
        <Sum count={stats.total_orders} amount={money(stats.total_amount)} />
      </Card>
      {Object.keys(STATUSES)
        .filter(isStatus)
        .filter((status) => stats.by_status[status]?.count)
        .map((status) => (
          <Card key={status} withBorder padding="sm">
            <Group>
              <OrderState status={status} />
            </Group>
            <Sum
              count={stats.by_status[status]?.count ?? 0}
              amount={money(stats.by_status[status]?.total_amount ?? 0)}
            />
          </Card>
        ))}
    </SimpleGrid>
  );
}

function Sum({ count, amount }: { readonly count: number; readonly amount: string }) {
  const text = useText();
  return (
    <>
      <Text fw={600} size="lg">
        {amount}
      </Text>
      <Text size="xs" c="dimmed">
        {text("stats", { count })}
      </Text>
    </>
  );
}
