/** Components shared by the list of users and a user. */
import { Badge, Group, Stack, Text, Tooltip } from "@mantine/core";
import type { DataTableColumn } from "mantine-datatable";
import { TextLink } from "../../ui/link";
import type { Person } from "../../ui/people";
import { Time } from "../../ui/time";
import { NARROW, WIDE } from "./order-parts";
import { Roles } from "./roles";
import { useText as usePeopleText } from "./texts";
import { useText } from "./users-texts";

/** The email of a user, and whether it is confirmed. */
export function Email({ user }: { readonly user: Person }) {
  const text = useText();
  if (user.is_machine)
    return (
      <Badge variant="light" tt="none">
        {text("machine")}
      </Badge>
    );
  if (!user.email)
    return (
      <Text span inherit c="dimmed">
        {text("noEmail")}
      </Text>
    );
  return (
    <Group gap={6} wrap="wrap">
      <span style={{ overflowWrap: "anywhere" }}>{user.email}</span>
      {!user.email_confirmed && (
        <Tooltip label={text("unconfirmedHint")}>
          <Badge variant="light" color="orange" tt="none" size="sm">
            {text("unconfirmed")}
          </Badge>
        </Tooltip>
      )}
    </Group>
  );
}

/** The columns of a table of users. */
export function useUserColumns({ sortable }: { readonly sortable: boolean }): DataTableColumn<Person>[] {
  const text = usePeopleText();
  const users = useText();
  return [
    { accessor: "user", title: users("user"), ...NARROW, render: (user) => <Short user={user} /> },
    { accessor: "name", title: text("name"), ...WIDE, render: (user) => <Linked user={user} /> },
    { accessor: "email", title: text("email"), ...WIDE, render: (user) => <Email user={user} /> },
    { accessor: "roles", title: text("roles"), ...WIDE, render: ({ roles }) => <Roles roles={roles} /> },
    { accessor: "number", title: text("number"), textAlign: "right", ...WIDE },
    {
      accessor: "created_at",
      title: text("createdAt"),
      sortable,
      noWrap: true,
      ...WIDE,
      render: (user) => <Time value={user.created_at} />,
    },
  ];
}

function Linked({ user: { id, name } }: { readonly user: Person }) {
  return (
    <TextLink inherit to="/users/$id" params={{ id }}>
      {name}
    </TextLink>
  );
}

/** A user where there is no room for columns. */
function Short({ user }: { readonly user: Person }) {
  return (
    <Stack gap={4} align="flex-start">
      <Linked user={user} />
      <Email user={user} />
      <Roles roles={user.roles} />
    </Stack>
  );
}
