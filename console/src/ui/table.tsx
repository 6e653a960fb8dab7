/** Tables of records of the API: sorted and paged by it, with a choice of columns. */
import { ActionIcon, Checkbox, Group, Menu, Stack } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconColumns3 } from "@tabler/icons-react";
import { DataTable, type DataTableColumn, type DataTableProps, type DataTableSortStatus } from "mantine-datatable";
import "mantine-datatable/styles.layer.css";
import type { ReactNode } from "react";
import { Failure, Nothing } from "./state";
import classes from "./table.module.css";
import { useText } from "./texts";

export const PAGE_SIZES = [10, 20, 50, 100];

export interface Sort {
  readonly field: string;
  readonly direction: "asc" | "desc";
}

const NONE: readonly string[] = [];

interface Props<Record> {
  /** Its name among the tables: under it the choice of columns is remembered in this browser. */
  readonly name: string;
  readonly columns: DataTableColumn<Record>[];
  /** Accessors of the columns that are shown only when they are chosen. */
  readonly hiddenAtFirst?: readonly string[];
  readonly records: readonly Record[] | undefined;
  readonly id: (record: Record) => string;
  readonly busy?: boolean;
  readonly onOpen?: ((record: Record) => void) | undefined;
  readonly sort?: Sort | undefined;
  readonly onSort?: ((sort: Sort) => void) | undefined;
  /** Pages with numbers, where the list is asked for by offset. */
  readonly paging?: {
    readonly page: number;
    readonly size: number;
    readonly total: number;
    readonly onPage: (page: number) => void;
    readonly onSize?: (size: number) => void;
  };
  readonly selected?: Record[];
  readonly onSelect?: (records: Record[]) => void;
  readonly nothing?: ReactNode;
  /** Shown beside the choice of columns. */
  readonly tools?: ReactNode;
  readonly label: string;
}

export function Table<Record>(props: Props<Record>) {
  const { name, columns, records, id, busy = false, onOpen, sort, onSort, paging, selected, onSelect, label } = props;
  const text = useText();
  const [hidden, setHidden] = useLocalStorage<readonly string[]>({
    key: `shopfloor.columns.${name}`,
    defaultValue: props.hiddenAtFirst ?? NONE,
  });
  const shown = columns.filter((column) => !hidden.includes(String(column.accessor)));
  // The properties of DataTable are a union of what goes together; spread parts of it are not checked by its type.
  const given: Partial<DataTableProps<Record>> & object = {
    "aria-label": label,
    columns: shown.map((column) => ({ cellsClassName: () => classes.cell, ...column })),
    records: [...(records ?? [])],
    idAccessor: id as never,
    fetching: busy || records === undefined,
    ...(!records?.length && { minHeight: 180 }),
    scrollAreaProps: { viewportProps: { tabIndex: 0 } },
    withTableBorder: true,
    striped: true,
    highlightOnHover: onOpen !== undefined,
    verticalSpacing: "xs",
    noRecordsText: "",
    noRecordsIcon: records?.length === 0 ? <Nothing>{props.nothing}</Nothing> : <span />,
    ...(onOpen && { onRowClick: ({ record }: { record: Record }) => onOpen(record) }),
    ...(sort &&
      onSort && {
        sortStatus: { columnAccessor: sort.field, direction: sort.direction } as DataTableSortStatus<Record>,
        onSortStatusChange: (status: DataTableSortStatus<Record>) =>
          onSort({ field: String(status.columnAccessor), direction: status.direction }),
      }),
    ...(selected && onSelect && { selectedRecords: selected, onSelectedRecordsChange: onSelect }),
    ...(paging && {
      page: paging.page,
      onPageChange: paging.onPage,
      totalRecords: paging.total,
      recordsPerPage: paging.size,
      recordsPerPageLabel: text("perPage"),
      paginationText: ({ totalRecords }: { totalRecords: number }) => text("records", { count: totalRecords }),
      ...(paging.onSize && { recordsPerPageOptions: PAGE_SIZES, onRecordsPerPageChange: paging.onSize }),
    }),
  };
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Group gap="xs">{props.tools}</Group>
        <Columns columns={columns} hidden={hidden} onChange={setHidden} />
      </Group>
      <DataTable<Record> {...(given as DataTableProps<Record>)} />
    </Stack>
  );
}

type Counted = { readonly total: number } | { readonly meta: { readonly total: number } };

interface Paging {
  readonly page?: number;
  readonly size?: number;
}

/** The paging of a list: for its query, and for its table; `change` puts a page or size into the address. */
export function pagingOf({ page = 1, size = 20 }: Paging, change: (changes: Paging) => void) {
  return {
    query: { limit: size, offset: (page - 1) * size },
    table: {
      page,
      size,
      onPage: (next: number) => change({ page: next }),
      onSize: (next: number) => change({ size: next }),
    },
  };
}

/** The sorting of a table by the time of creation alone. */
export const byCreation = (oldest: boolean, change: (changes: { oldest: true | undefined }) => void) => ({
  sort: { field: "created_at", direction: oldest ? "asc" : "desc" } as const,
  onSort: ({ direction }: Sort) => change({ oldest: direction === "asc" || undefined }),
});

interface QueryProps<Answer extends Counted, Record> extends Omit<Props<Record>, "records" | "busy" | "paging"> {
  readonly query: {
    readonly data: Answer | undefined;
    readonly error: unknown;
    readonly isPlaceholderData: boolean;
    readonly refetch: () => unknown;
  };
  /** The records of an answer. */
  readonly of: (answer: Answer) => readonly Record[];
  readonly page: number;
  readonly size: number;
  readonly onPage: (page: number) => void;
  readonly onSize: (size: number) => void;
}

/** The table of a list that is asked for by offset; an error stands above it. */
export function QueryTable<Answer extends Counted, Record>(props: QueryProps<Answer, Record>) {
  const { query, of, page, size, onPage, onSize, ...others } = props;
  const { data, error } = query;
  const total = data === undefined ? 0 : "meta" in data ? data.meta.total : data.total;
  return (
    <>
      {error ? <Failure error={error} again={() => void query.refetch()} /> : null}
      <Table<Record>
        {...others}
        records={data ? of(data) : error ? [] : undefined}
        busy={query.isPlaceholderData}
        nothing={error && !data ? "" : others.nothing}
        paging={{ page, size, total, onPage, onSize }}
      />
    </>
  );
}

function Columns<Record>({
  columns,
  hidden,
  onChange,
}: {
  readonly columns: DataTableColumn<Record>[];
  readonly hidden: readonly string[];
  readonly onChange: (hidden: readonly string[]) => void;
}) {
  const text = useText();
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={text("columns")}>
          <IconColumns3 size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {columns
          .filter((column) => column.title)
          .map((column) => {
            const key = String(column.accessor);
            const flip = () => onChange(hidden.includes(key) ? hidden.filter((one) => one !== key) : [...hidden, key]);
            return (
              <Menu.Item key={key} onClick={flip} role="menuitemcheckbox" aria-checked={!hidden.includes(key)}>
                <Checkbox
                  checked={!hidden.includes(key)}
                  readOnly
                  tabIndex={-1}
                  aria-hidden
                  label={column.title as string}
                />
              </Menu.Item>
            );
          })}
      </Menu.Dropdown>
    </Menu>
  );
}
