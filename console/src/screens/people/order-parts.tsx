/** What the list of orders, an order and a user with orders show alike. */
import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { useFormat } from "../../i18n/format";
import { PersonName } from "../../ui/people";
import { Status } from "../../ui/status";
import { Time } from "../../ui/time";
import { type Order, type OrderStatus, STATUSES } from "./orders-rules";
import { useText } from "./orders-texts";

/** From this width on tables show all their columns. */
export const WIDE = "(min-width: 48em)";

export function OrderState({ status }: { readonly status: OrderStatus }) {
  const text = useText();
  return <Status mood={STATUSES[status]}>{text(status)}</Status>;
}

/** What an order is about, in a line. */
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
  return [
    {
      accessor: "created_at",
      title: text("createdAt"),
      sortable: true,
      noWrap: true,
      render: (order) => (
        <Anchor inherit renderRoot={(props) => <Link to="/orders/$id" params={{ id: order.id }} {...props} />}>
          <Time value={order.created_at} />
        </Anchor>
      ),
    },
    ...(whose
      ? [{ accessor: "user_id", title: text("whose"), render: (order: Order) => <PersonName id={order.user_id} /> }]
      : []),
    {
      accessor: "items",
      title: text("items"),
      visibleMediaQuery: WIDE,
      render: (order) => <Summary order={order} />,
    },
    {
      accessor: "total_amount",
      title: text("total"),
      textAlign: "right",
      noWrap: true,
      render: (order) => money(order.total_amount),
    },
    { accessor: "status", title: text("status"), render: (order) => <OrderState status={order.status} /> },
  ];
}
