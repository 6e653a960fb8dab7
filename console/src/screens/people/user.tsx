import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { client, SLOW_POLL_MS, useLive, withEtag } from "../../api/client";
import { useMay, useUser } from "../../app/session";
import { Facts } from "../../ui/facts";
import { TextLink } from "../../ui/link";
import { Page } from "../../ui/page";
import type { Person } from "../../ui/people";
import { Loaded } from "../../ui/state";
import { Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { NewOrder } from "./order-form";
import { useOrderColumns } from "./order-parts";
import { Roles } from "./roles";
import { user as route } from "./routes";
import { useText as usePeopleText } from "./texts";
import { UserActions } from "./user-actions";
import { Email } from "./user-parts";
import { useText } from "./users-texts";

/** A user, what may be done about them, and their newest orders. */
export function UserScreen() {
  const text = useText();
  const may = useMay();
  const me = useUser();
  const { id } = route.useParams();
  const query = useQuery({
    queryKey: ["user", id],
    queryFn: () => withEtag(client.GET("/users/{user_id}", { params: { path: { user_id: id } } })),
    refetchInterval: SLOW_POLL_MS,
  });
  const user = query.data?.data.data;
  const allowed = may("GET /users/{user_id}/details");
  return (
    <Page
      title={user?.name ?? text("user")}
      actions={user && query.data && <UserActions user={user} etag={query.data.etag} />}
    >
      <Loaded query={query}>{({ data }) => <UserFacts user={data.data} />}</Loaded>
      {user && (allowed === "yes" || (allowed === "own" && id === me.id)) && <OrdersOf user={user} />}
    </Page>
  );
}

function UserFacts({ user }: { readonly user: Person }) {
  const text = useText();
  const people = usePeopleText();
  return (
    <>
      {user.is_machine && (
        <Alert color="gray">
          {text("machineHint")}{" "}
          <TextLink inherit to="/keys">
            {text("toKeys")}
          </TextLink>
        </Alert>
      )}
      <Facts
        facts={[
          [people("email"), <Email key="email" user={user} />],
          [people("roles"), <Roles key="roles" roles={user.roles} />],
          [people("number"), user.number],
          [people("createdAt"), <Time key="created" value={user.created_at} />],
          [people("updatedAt"), <Time key="updated" value={user.updated_at} />],
        ]}
      />
    </>
  );
}

/** The newest orders of a user, or why they are not there. */
function OrdersOf({ user }: { readonly user: Person }) {
  const text = useText();
  const may = useMay();
  const navigate = useNavigate();
  const columns = useOrderColumns({ whose: false });
  const [making, { open, close }] = useDisclosure();
  const query = useLive("/users/{user_id}/details", { path: { user_id: user.id } });
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h3">
          {text("orders")}
        </Title>
        {may("POST /orders") === "yes" && may("GET /users") && !user.is_machine && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={open}>
            {text("newOrder")}
          </Button>
        )}
      </Group>
      <Loaded query={query}>
        {({ data }) => (
          <>
            {data.warnings.map((warning) => (
              <Alert
                key={warning}
                color="orange"
                icon={<IconAlertTriangle aria-hidden />}
                title={text("ordersDown")}
                role="alert"
              >
                {warning}
              </Alert>
            ))}
            {data.orders && (
              <Table
                name="orders-of-user"
                label={text("orders")}
                columns={columns.map((column) => ({ ...column, sortable: false }))}
                records={data.orders}
                id={(order) => order.id}
                onOpen={({ id }) => void navigate({ to: "/orders/$id", params: { id } })}
                nothing={text("noOrders")}
                tools={<Count user={user} shown={data.orders.length} total={data.orders_total ?? 0} />}
              />
            )}
          </>
        )}
      </Loaded>
      <NewOrder opened={making} onClose={close} user={user.id} />
    </Stack>
  );
}

function Count({ user, shown, total }: { readonly user: Person; readonly shown: number; readonly total: number }) {
  const text = useText();
  if (total === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      {text("ordersOf", { count: total })}. {shown < total && `${text("newest", { count: shown })} `}
      <TextLink inherit to="/orders" search={{ user: user.id }}>
        {text("allOrders")}
      </TextLink>
    </Text>
  );
}
