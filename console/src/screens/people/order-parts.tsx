/** Components shared by the list of orders, an order and a user. */
import { Stack, Text } from "@mantine/core";
import type { DataTableColumn } from "mantine-datatable";
import { useFormat } from "../../i18n/format";
import { TextLink } from "../../ui/link";
import { PersonName } from "../../ui/people";
import { Status } from "../../ui/status";
import { Time } from "../../ui/time";
import { type Order, type OrderStatus, STATUSES } from "./orders-rules";
import { useText } from "./orders-texts";

/** Columns of wide windows, and the single column of narrow ones. */
export const WIDE = { visibleMediaQuery: "(min-width: 48em)" };
export const NARROW = { visibleMediaQuery: "(max-width: 47.99em)" };

export function OrderState({ status }: { readonly status: OrderStatus }) {
  const text = useText();
  return <Status tone={STATUSES[status]}>{text(status)}</Status>;
}

/** The lines of an order in one line. */
export function Summary({ order }: { readonly order: Order }) {
  const text = useText();
  const [first] = order.items;
  const rest = order.items_total - 1;
  return (
    <Text size="sm" lineClamp={1} title={order.items.map((item) => `${item.product} × ${item.quantity}`).join("\n")}>
      {first && `${first.product} × ${first.quantity}`}
      {rest > 0 && ` ${text("andMore", { count: rest })}`}
    </Text>
  );
}

/** The columns of a table of orders. */
export function useOrderColumns({ whose }: { readonly whose: boolean }): DataTableColumn<Order>[] {
  const text = useText();
  const { money } = useFormat();
  const customer: DataTableColumn<Order> = {
    accessor: "user_id",
    title: text("whose"),
    ...WIDE,
    render: (order) => <PersonName id={order.user_id} />,
  };
  return [
    { accessor: "order", title: text("order"), ...NARROW, render: (order) => <Short order={order} whose={whose} /> },
    { accessor: "created_at", title: text("createdAt"), sortable: true, noWrap: true, ...WIDE, render: LinkedTime },
    ...(whose ? [customer] : []),
    { accessor: "items", title: text("items"), ...WIDE, render: (order) => <Summary order={order} /> },
    {
      accessor: "total_amount",
      title: text("total"),
      textAlign: "right",
      noWrap: true,
      render: (order) => money(order.total_amount),
    },
    { accessor: "status", title: text("status"), ...WIDE, render: (order) => <OrderState status={order.status} /> },
  ];
}

function LinkedTime({ id, created_at }: Order) {
  return (
    <TextLink inherit to="/orders/$id" params={{ id }}>
      <Time value={created_at} />
    </TextLink>
  );
}

/** An order where there is no room for columns. */
function Short({ order, whose }: { readonly order: Order; readonly whose: boolean }) {
  return (
    <Stack gap={4} align="flex-start">
      <LinkedTime {...order} />
      {whose && <PersonName id={order.user_id} linked={false} />}
      <Summary order={order} />
      <OrderState status={order.status} />
    </Stack>
  );
}
