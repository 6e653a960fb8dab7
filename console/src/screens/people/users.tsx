import { Button, TextInput } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconSearch, IconUserPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useList } from "../../api/client";
import { useMay } from "../../app/session";
import { Page } from "../../ui/page";
import { isEmail, matchesSearch, useDirectory } from "../../ui/people";
import { byCreation, pagingOf, QueryTable, Table } from "../../ui/table";
import { TabbedViews } from "../../ui/tabs";
import { AllQuotas } from "./quotas";
import { users as route } from "./routes";
import { NewUser } from "./user-new";
import { useUserColumns } from "./user-parts";
import { useText } from "./users-texts";

type Asked = ReturnType<typeof route.useSearch>;

const SETTLED = 300;

/** The list of users; for administrators also their quotas. */
export function Users() {
  const text = useText();
  const may = useMay();
  const { tab } = route.useSearch();
  const navigate = useNavigate();
  const [making, { open, close }] = useDisclosure();
  const show = (chosen: string) =>
    void navigate({ to: "/users", search: chosen === "quotas" ? { tab: chosen } : {}, replace: true });
  return (
    <Page
      title={text("title")}
      actions={
        may("POST /users") && (
          <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={open}>
            {text("add")}
          </Button>
        )
      }
    >
      <TabbedViews
        shown={tab}
        onShow={show}
        views={[
          { name: "list", title: text("list"), content: <List /> },
          ...(may("GET /v1/quotas") ? [{ name: "quotas", title: text("quotas"), content: <AllQuotas /> }] : []),
        ]}
      />
      <NewUser opened={making} onClose={close} />
    </Page>
  );
}

function List() {
  const asked = route.useSearch();
  const navigate = useNavigate();
  const change = (changes: Asked) =>
    void navigate({ to: "/users", search: { ...asked, page: undefined, ...changes }, replace: true });
  const tools = <Find asked={asked} change={change} />;
  return asked.find && !isEmail(asked.find) ? (
    <Found wanted={asked.find} tools={tools} />
  ) : (
    <Paged asked={asked} change={change} tools={tools} />
  );
}

function Find({ asked, change }: { readonly asked: Asked; readonly change: (changes: Asked) => void }) {
  const text = useText();
  const [typed, setTyped] = useState(asked.find ?? "");
  const find = useDebouncedCallback((wanted: string) => change({ find: wanted.trim() || undefined }), SETTLED);
  return (
    <TextInput
      type="search"
      aria-label={text("find")}
      placeholder={text("find")}
      leftSection={<IconSearch size={16} aria-hidden />}
      w={300}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        find(currentTarget.value);
      }}
    />
  );
}

/** A page of all users, or the user with that email. */
function Paged({
  asked,
  change,
  tools,
}: {
  readonly asked: Asked;
  readonly change: (changes: Asked) => void;
  readonly tools: ReactNode;
}) {
  const text = useText();
  const navigate = useNavigate();
  const { oldest = false, find } = asked;
  const columns = useUserColumns({ sortable: !find });
  const paging = pagingOf(asked, change);
  const query = useList("/users", {
    query: {
      ...paging.query,
      sort_direction: oldest ? "ASC" : "DESC",
      ...(find && { email: find.trim() }),
    },
  });
  return (
    <QueryTable
      name="users"
      label={text("title")}
      columns={columns}
      query={query}
      of={({ data }) => data}
      id={(one) => one.id}
      onOpen={({ id }) => void navigate({ to: "/users/$id", params: { id } })}
      {...byCreation(oldest, change)}
      {...paging.table}
      nothing={text("nothing")}
      tools={tools}
    />
  );
}

/** The ones of the newest users whose name or email matches. */
function Found({ wanted, tools }: { readonly wanted: string; readonly tools: ReactNode }) {
  const text = useText();
  const navigate = useNavigate();
  const columns = useUserColumns({ sortable: false });
  const { people, hasMore, isPending } = useDirectory();
  return (
    <Table
      name="users"
      label={text("title")}
      columns={columns}
      records={isPending ? undefined : people.filter((one) => matchesSearch(one, wanted)).slice(0, 100)}
      id={(one) => one.id}
      onOpen={({ id }) => void navigate({ to: "/users/$id", params: { id } })}
      nothing={text(hasMore ? "nothingMore" : "nothing")}
      tools={tools}
    />
  );
}
