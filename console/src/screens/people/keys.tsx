import { ActionIcon, Button, Stack, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { client, type Schema, useList } from "../../api/client";
import { useMay } from "../../app/session";
import { confirm } from "../../ui/confirm";
import { useAction } from "../../ui/form";
import { Page } from "../../ui/page";
import { PersonName } from "../../ui/people";
import { Status } from "../../ui/status";
import { pagingOf, QueryTable } from "../../ui/table";
import { Time } from "../../ui/time";
import { NewKey } from "./key-new";
import { useText } from "./keys-texts";
import { NARROW, WIDE } from "./order-parts";
import { Roles } from "./roles";
import { keys as route } from "./routes";
import { useText as usePeopleText } from "./texts";

type Key = Schema<"ApiKeyView">;

/** The API keys of programs and devices. */
export function Keys() {
  const text = useText();
  const may = useMay();
  const navigate = useNavigate();
  const [making, { open, close }] = useDisclosure();
  const asked = route.useSearch();
  const columns = useColumns();
  const paging = pagingOf(asked, (changes) =>
    navigate({ to: "/keys", search: { ...asked, page: undefined, ...changes }, replace: true }),
  );
  const query = useList("/v1/api-keys", { query: paging.query });
  return (
    <Page
      title={text("title")}
      hint={text("hint")}
      actions={
        may("POST /v1/api-keys") && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
            {text("make")}
          </Button>
        )
      }
    >
      <QueryTable
        name="keys"
        label={text("title")}
        columns={columns}
        query={query}
        of={({ data }) => data}
        id={(key) => key.id}
        {...paging.table}
        nothing={text("nothing")}
      />
      <NewKey opened={making} onClose={close} />
    </Page>
  );
}

function useColumns(): DataTableColumn<Key>[] {
  const text = useText();
  const people = usePeopleText();
  return [
    { accessor: "key", title: text("key"), ...NARROW, render: (key) => <Short of={key} /> },
    { accessor: "name", title: text("name"), ...WIDE },
    { accessor: "roles", title: people("roles"), ...WIDE, render: ({ roles }) => <Roles roles={roles} /> },
    { accessor: "last_used_at", title: text("lastUsed"), ...WIDE, render: (key) => <LastUse of={key} /> },
    { accessor: "expires_at", title: text("expires"), ...WIDE, render: (key) => <Expiry of={key} /> },
    {
      accessor: "prefix",
      title: text("begins"),
      ...WIDE,
      render: ({ prefix }) => <code>{prefix}…</code>,
    },
    {
      accessor: "created_at",
      title: text("createdAt"),
      noWrap: true,
      ...WIDE,
      render: ({ created_at }) => <Time value={created_at} />,
    },
    {
      accessor: "created_by",
      title: text("createdBy"),
      ...WIDE,
      render: ({ created_by }) => <PersonName id={created_by} />,
    },
    { accessor: "revoke", title: text("revoke"), textAlign: "right", render: (key) => <Revoke of={key} /> },
  ];
}

function Dimmed({ children }: { readonly children: string }) {
  return (
    <Text span inherit c="dimmed">
      {children}
    </Text>
  );
}

function LastUse({ of: { last_used_at } }: { readonly of: Key }) {
  const text = useText();
  return last_used_at ? <Time value={last_used_at} ago /> : <Dimmed>{text("never")}</Dimmed>;
}

/** A key in one column, for narrow windows. */
function Short({ of: key }: { readonly of: Key }) {
  const text = useText();
  return (
    <Stack gap={4} align="flex-start">
      {key.name}
      <Roles roles={key.roles} />
      <Text size="sm">
        {text("lastUsed")}: <LastUse of={key} />
      </Text>
      <Text size="sm" component="div">
        {text("expires")}: <Expiry of={key} />
      </Text>
    </Stack>
  );
}

function Expiry({ of: { expires_at } }: { readonly of: Key }) {
  const text = useText();
  if (!expires_at) return <Dimmed>{text("forever")}</Dimmed>;
  if (new Date(expires_at) <= new Date()) return <Status tone="bad">{text("expired")}</Status>;
  return <Time value={expires_at} />;
}

function Revoke({ of: { id, name } }: { readonly of: Key }) {
  const text = useText();
  const may = useMay();
  const { busy, act } = useAction();
  if (!may("DELETE /v1/api-keys/{key_id}")) return null;
  const revoke = () =>
    void act(() => client.DELETE("/v1/api-keys/{key_id}", { params: { path: { key_id: id } } }), text("revoked"));
  const ask = () => confirm(text("revokeTitle"), text("revokeQuestion", { name }), revoke, text("revoke"));
  return (
    <Tooltip label={text("revoke")}>
      <ActionIcon variant="subtle" color="red" loading={busy} aria-label={text("revokeOf", { name })} onClick={ask}>
        <IconTrash size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
