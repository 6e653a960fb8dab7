import { Box, Button, Center, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { TextLink } from "../../ui/link";
import { Failure } from "../../ui/state";
import { Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { Filters, isNarrowed } from "./filters";
import { Attempts, MEDIUM, Named, Owner, Progressed, StateOf, useTypeName, When, WIDE } from "./parts";
import { type Asked, useOperations } from "./reading";
import { operations as route } from "./routes";
import { hasType, keyOf, type Operation } from "./rules";
import { useText } from "./texts";

/** Everything that runs, waits or has ended, newest first. */
export function List() {
  const text = useText();
  const asked = route.useSearch();
  const navigate = useNavigate();
  const { query, records, isLooking, hasMore, more } = useOperations(asked);
  const columns = useColumns(asked);
  const change = (changes: Asked) =>
    void navigate({ to: "/operations", search: { ...asked, ...changes }, replace: true });
  const open = (operation: Operation) =>
    void navigate({ to: "/operations", search: { ...asked, open: keyOf(operation) } });
  const isEmpty = records?.length === 0;
  return (
    <Stack gap="xs">
      <Filters asked={asked} change={change} />
      {query.error && <Failure error={query.error} again={() => void query.refetch()} />}
      <Table
        name="operations"
        label={text("list")}
        columns={columns}
        records={isEmpty && isLooking ? undefined : (records ?? (query.error ? [] : undefined))}
        id={keyOf}
        onOpen={open}
        nothing={text(isEmpty && hasMore ? "further" : isNarrowed(asked) ? "nothingFound" : "nothing")}
      />
      {hasMore && (
        <Center>
          <Button variant="default" loading={isLooking || query.isFetchingNextPage} onClick={more}>
            {text(isEmpty ? "lookFurther" : "more")}
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function useColumns(asked: Asked): DataTableColumn<Operation>[] {
  const text = useText();
  const wide = { visibleMediaQuery: WIDE };
  return [
    { accessor: "title", title: text("what"), render: (operation) => <What of={operation} asked={asked} /> },
    { accessor: "status", title: text("status"), width: 130, render: (operation) => <How of={operation} /> },
    {
      accessor: "when",
      title: text("when"),
      width: 150,
      visibleMediaQuery: MEDIUM,
      render: (operation) => <When operation={operation} />,
    },
    { accessor: "owner", title: text("owner"), ...wide, render: (operation) => <Owner operation={operation} /> },
    {
      accessor: "attempts",
      title: text("attempts"),
      ...wide,
      width: 105,
      render: (operation) => <Attempts operation={operation} />,
    },
    {
      accessor: "created_at",
      title: text("created"),
      ...wide,
      width: 150,
      render: ({ created_at }) => <Time value={created_at} />,
    },
  ];
}

function What({ of: operation, asked }: { readonly of: Operation; readonly asked: Asked }) {
  const text = useText();
  const typeName = useTypeName();
  const name = operation.title;
  const words = [text(operation.kind), ...(hasType(operation.kind) ? [typeName(operation.type)] : [])];
  return (
    <Named
      kind={operation.kind}
      name={
        <TextLink
          size="sm"
          lineClamp={2}
          style={{ overflowWrap: "anywhere" }}
          to="/operations"
          search={{ ...asked, open: keyOf(operation) }}
          onClick={(event) => event.stopPropagation()}
        >
          {name}
        </TextLink>
      }
      what={words.filter((one) => one !== name).join(" · ")}
      error={operation.error}
    />
  );
}

function How({ of: operation }: { readonly of: Operation }) {
  return (
    <Stack gap={4}>
      <div>
        <StateOf status={operation.status} />
      </div>
      <Progressed operation={operation} />
      <Box hiddenFrom="sm" fz="sm">
        <When operation={operation} />
      </Box>
    </Stack>
  );
}
