import { Button, Modal, Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconEdit, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { client, SLOW_POLL_MS, withEtag } from "../../api/client";
import { useMay } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { confirm } from "../../ui/confirm";
import { Facts } from "../../ui/facts";
import { useAction } from "../../ui/form";
import { Page } from "../../ui/page";
import { PersonName } from "../../ui/people";
import { Loaded } from "../../ui/state";
import { Time } from "../../ui/time";
import { EditLines } from "./order-edit";
import { OrderState } from "./order-parts";
import { MOVES, type Order, type OrderStatus } from "./orders-rules";
import { useText } from "./orders-texts";
import { order as route } from "./routes";

const TITLES = { in_progress: "toInProgress", completed: "toCompleted", cancelled: "toCancelled" } as const;

/** An order: its lines, and the actions that its status and the role allow. */
export function OrderScreen() {
  const text = useText();
  const { id } = route.useParams();
  const query = useQuery({
    queryKey: ["order", id],
    queryFn: () => withEtag(client.GET("/orders/{order_id}", { params: { path: { order_id: id } } })),
    refetchInterval: SLOW_POLL_MS,
  });
  const shown = query.data && <Actions order={query.data.data.data} etag={query.data.etag} />;
  return (
    <Page title={text("order")} actions={shown}>
      <Loaded query={query}>
        {({ data }) => (
          <>
            <OrderFacts order={data.data} />
            <Items order={data.data} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function OrderFacts({ order }: { readonly order: Order }) {
  const text = useText();
  const { money } = useFormat();
  return (
    <Facts
      facts={[
        [text("status"), <OrderState key="status" status={order.status} />],
        [text("whose"), <PersonName key="whose" id={order.user_id} />],
        [text("total"), money(order.total_amount)],
        [text("createdAt"), <Time key="created" value={order.created_at} />],
        [text("updatedAt"), <Time key="updated" value={order.updated_at} />],
      ]}
    />
  );
}

function Items({ order }: { readonly order: Order }) {
  const text = useText();
  const { money, number } = useFormat();
  return (
    <Table.ScrollContainer minWidth={330} type="native" tabIndex={0}>
      <Table withTableBorder striped aria-label={text("items")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text("product")}</Table.Th>
            <Table.Th ta="right">{text("quantity")}</Table.Th>
            <Table.Th ta="right">{text("price")}</Table.Th>
            <Table.Th ta="right">{text("amount")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {order.items.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no ids
            <Table.Tr key={index}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{item.product}</Table.Td>
              <Table.Td ta="right">{number(item.quantity)}</Table.Td>
              <Table.Td ta="right">{money(item.price)}</Table.Td>
              <Table.Td ta="right">{money((Math.round(item.price * 100) * item.quantity) / 100)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th colSpan={3}>{text("total")}</Table.Th>
            <Table.Th ta="right">{money(order.total_amount)}</Table.Th>
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </Table.ScrollContainer>
  );
}

/** The actions on the shown version of an order. */
function Actions({ order, etag }: { readonly order: Order; readonly etag: string }) {
  const text = useText();
  const may = useMay();
  const [editing, { open, close }] = useDisclosure();
  return (
    <>
      {may("PUT /orders/{order_id}/status") && <Moves order={order} etag={etag} />}
      {may("PUT /orders/{order_id}") && order.status === "created" && (
        <Button variant="default" leftSection={<IconEdit size={16} aria-hidden />} onClick={open}>
          {text("editLines")}
        </Button>
      )}
      {may("DELETE /orders/{order_id}") && <Remove order={order} etag={etag} />}
      <Modal opened={editing} onClose={close} title={text("editLines")} size="lg">
        <EditLines id={order.id} first={{ values: { items: order.items }, etag }} onDone={close} />
      </Modal>
    </>
  );
}

function Moves({ order, etag }: { readonly order: Order; readonly etag: string }) {
  const text = useText();
  const { busy, act } = useAction();
  const move = (status: OrderStatus) =>
    void act(
      () =>
        client.PUT("/orders/{order_id}/status", {
          params: { path: { order_id: order.id }, header: { "If-Match": etag } },
          body: { status },
        }),
      text("moved", { status: text(status) }),
    );
  const ask = () => confirm(text("cancelTitle"), text("cancelQuestion"), () => move("cancelled"), text("toCancelled"));
  return MOVES[order.status].map((status) => (
    <Button
      key={status}
      loading={busy}
      {...(status === "cancelled" && { variant: "default" })}
      onClick={() => (status === "cancelled" ? ask() : move(status))}
    >
      {status !== "created" && text(TITLES[status])}
    </Button>
  ));
}

function Remove({ order, etag }: { readonly order: Order; readonly etag: string }) {
  const text = useText();
  const { money } = useFormat();
  const navigate = useNavigate();
  const { busy, act } = useAction();
  const remove = async () => {
    await client.DELETE("/orders/{order_id}", {
      params: { path: { order_id: order.id }, header: { "If-Match": etag } },
    });
    await navigate({ to: "/orders" }); // before the queries are invalidated: the order is deleted
  };
  const question = text("deleteQuestion", { total: money(order.total_amount) });
  return (
    <Button
      variant="default"
      loading={busy}
      leftSection={<IconTrash size={16} aria-hidden />}
      onClick={() => confirm(text("deleteTitle"), question, () => void act(remove, text("deleted")), text("delete"))}
    >
      {text("delete")}
    </Button>
  );
}
