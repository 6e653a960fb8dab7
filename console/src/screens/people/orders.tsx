import { Button, Group, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useList } from "../../api/client";
import { useMay } from "../../app/session";
import { PeriodInput } from "../../ui/dates";
import { Page } from "../../ui/page";
import { PersonSelect } from "../../ui/people";
import { byCreation, pagingOf, QueryTable } from "../../ui/table";
import { NewOrder } from "./order-form";
import { useOrderColumns } from "./order-parts";
import { isStatus, periodOf, STATUSES } from "./orders-rules";
import { useText } from "./orders-texts";
import { orders as route } from "./routes";
import { MyStats } from "./stats";

type Asked = ReturnType<typeof route.useSearch>;

/** The list of orders: all, or the own ones. */
export function Orders() {
  const text = useText();
  const may = useMay();
  const [making, { open, close }] = useDisclosure();
  return (
    <Page
      title={text(may("GET /orders") === "own" ? "mine" : "title")}
      actions={
        may("POST /orders") && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
            {text("make")}
          </Button>
        )
      }
    >
      <MyStats />
      <List />
      <NewOrder opened={making} onClose={close} />
    </Page>
  );
}

function List() {
  const text = useText();
  const may = useMay();
  const asked = route.useSearch();
  const navigate = useNavigate();
  const columns = useOrderColumns({ whose: may("GET /orders") === "yes" });
  const change = (changes: Asked) =>
    void navigate({ to: "/orders", search: { ...asked, page: undefined, ...changes }, replace: true });
  const { oldest = false, user, status, from, to } = asked;
  const paging = pagingOf(asked, change);
  const query = useList("/orders", {
    query: {
      ...paging.query,
      sort_direction: oldest ? "ASC" : "DESC",
      ...(user && { userId: user }),
      ...(isStatus(status) && { status }),
      ...periodOf(from, to),
    },
  });
  const isFiltered = Boolean(user || status || from || to);
  return (
    <QueryTable
      name="orders"
      label={text("title")}
      columns={columns}
      query={query}
      of={({ data }) => data}
      id={(order) => order.id}
      onOpen={(order) => void navigate({ to: "/orders/$id", params: { id: order.id } })}
      {...byCreation(oldest, change)}
      {...paging.table}
      nothing={text(isFiltered ? "nothing" : "nothingYet")}
      tools={<Filters asked={asked} change={change} />}
    />
  );
}

/** The filters of the list. */
function Filters({ asked, change }: { readonly asked: Asked; readonly change: (changes: Asked) => void }) {
  const text = useText();
  const may = useMay();
  return (
    <Group gap="xs">
      <Select
        label={text("status")}
        placeholder={text("any")}
        clearable
        w={{ base: "100%", xs: 170 }}
        data={Object.keys(STATUSES)
          .filter(isStatus)
          .map((status) => ({ value: status, label: text(status) }))}
        value={asked.status ?? null}
        onChange={(status) => change({ status: status ?? undefined })}
      />
      {may("GET /users") && (
        <PersonSelect
          label={text("whose")}
          placeholder={text("allCustomers")}
          w={{ base: "100%", xs: 250 }}
          value={asked.user ?? null}
          onChange={(user) => change({ user: user ?? undefined })}
        />
      )}
      <PeriodInput
        label={text("period")}
        placeholder={text("anyTime")}
        clearable
        w={{ base: "100%", xs: 250 }}
        value={[asked.from ?? null, asked.to ?? null]}
        onChange={([from, to]) => change({ from: from ?? undefined, to: to ?? undefined })}
      />
    </Group>
  );
}
