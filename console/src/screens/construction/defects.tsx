/** The defects as a table, or as cards where the window is narrow. */
import { Button, Card, Group, Pagination, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useList } from "../../api/client";
import { useMay } from "../../app/session";
import { TextLink } from "../../ui/link";
import { Failure, Loaded, Nothing } from "../../ui/state";
import { Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { Assign } from "./assign";
import { useIsPhone, useSiteNames } from "./data";
import { Due, SeverityLabel, StatusLabel } from "./labels";
import { type Address, countOf, pageOf, SIZE, sortOf } from "./query";
import { type Say, useText } from "./texts";
import type { Defect } from "./words";

interface Props {
  readonly given: Address;
  readonly onChange: (change: Partial<Address>) => void;
}

export function Defects({ given, onChange }: Props) {
  const text = useText();
  const isPhone = useIsPhone();
  const query = useList("/api/v1/defects", { query: pageOf(given) });
  const nameOf = useSiteNames((query.data?.items ?? []).map((defect) => defect.site_id));
  const nothing = text(countOf(given) > 0 ? "nothingFound" : "noDefects");
  if (isPhone)
    return (
      <Loaded query={query}>
        {({ items, total }) => (
          <Cards items={items} total={total} nameOf={nameOf} nothing={nothing} given={given} onChange={onChange} />
        )}
      </Loaded>
    );
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />;
  return (
    <>
      {query.error && <Failure error={query.error} again={() => void query.refetch()} />}
      <Wide
        items={query.data?.items}
        total={query.data?.total ?? 0}
        busy={query.isPlaceholderData}
        nameOf={nameOf}
        nothing={nothing}
        given={given}
        onChange={onChange}
      />
    </>
  );
}

interface Shown extends Props {
  readonly items: readonly Defect[] | undefined;
  readonly total: number;
  readonly nameOf: (id: string) => string;
  readonly nothing: string;
}

function Wide({ items, total, busy, nameOf, nothing, given, onChange }: Shown & { readonly busy: boolean }) {
  const text = useText();
  const may = useMay();
  const [chosen, setChosen] = useState<Defect[]>([]);
  const [assigning, setAssigning] = useState(false);
  const chooses = may("POST /api/v1/defects/assign") === "yes";
  return (
    <>
      <Table
        name="defects"
        label={text("title")}
        columns={columns(text, nameOf)}
        records={items}
        id={(defect) => defect.id}
        busy={busy}
        sort={sortOf(given)}
        onSort={({ field, direction }) => onChange({ sort: field, order: direction })}
        paging={{
          page: given.page ?? 1,
          size: given.size ?? SIZE,
          total,
          onPage: (page) => onChange({ page }),
          onSize: (size) => onChange({ size }),
        }}
        {...(chooses && { selected: chosen, onSelect: setChosen })}
        nothing={nothing}
        tools={
          chosen.length > 0 && (
            <>
              <Text size="sm">{text("chosen", { count: chosen.length })}</Text>
              <Button size="xs" onClick={() => setAssigning(true)}>
                {text("assign")}
              </Button>
            </>
          )
        }
      />
      {assigning && (
        <Assign
          defects={chosen}
          onClose={(left) => {
            setAssigning(false);
            if (left) setChosen([...left]);
          }}
        />
      )}
    </>
  );
}

/** The link that opens a defect; the keyboard reaches it. */
export function DefectLink({ of, lines }: { readonly of: Defect; readonly lines?: number }) {
  return (
    <TextLink
      fw={500}
      draggable={false}
      style={{ overflowWrap: "anywhere" }}
      {...(lines && { lineClamp: lines, title: of.title, miw: 140 })}
      to="/construction/defects/$id"
      params={{ id: of.id }}
    >
      {of.title}
    </TextLink>
  );
}

function columns(text: Say, nameOf: (id: string) => string) {
  return [
    { accessor: "number", title: text("number"), width: 70 },
    { accessor: "title", title: text("defect"), render: (of: Defect) => <DefectLink of={of} lines={3} /> },
    {
      accessor: "site_id",
      title: text("site"),
      render: (of: Defect) => (
        <>
          {nameOf(of.site_id)}
          <Text size="xs" c="dimmed">
            {of.location}
          </Text>
        </>
      ),
    },
    {
      accessor: "severity",
      title: text("severity"),
      sortable: true,
      render: (of: Defect) => <SeverityLabel of={of.severity} />,
    },
    {
      accessor: "status",
      title: text("status"),
      sortable: true,
      render: (of: Defect) => <StatusLabel of={of.status} />,
    },
    { accessor: "assignee", title: text("assignee"), render: (of: Defect) => of.assignee?.name ?? "—" },
    { accessor: "due_date", title: text("due"), sortable: true, render: (of: Defect) => <Due of={of} /> },
    {
      accessor: "created_at",
      title: text("created"),
      sortable: true,
      render: (of: Defect) => <Time value={of.created_at} />,
    },
    {
      accessor: "updated_at",
      title: text("updated"),
      sortable: true,
      render: (of: Defect) => <Time value={of.updated_at} ago />,
    },
  ];
}

const PHONE_SORTS = {
  sortCreated: { sort: "created_at", order: "desc" },
  sortDue: { sort: "due_date", order: "asc" },
  sortSeverity: { sort: "severity", order: "desc" },
  sortUpdated: { sort: "updated_at", order: "desc" },
} as const;
type PhoneSort = keyof typeof PHONE_SORTS;

const CONTROLS = { first: "first", last: "last", previous: "previousPage", next: "nextPage" } as const;

function Cards({ items = [], total, nameOf, nothing, given, onChange }: Shown) {
  const text = useText();
  const size = given.size ?? SIZE;
  const sorts = Object.keys(PHONE_SORTS) as PhoneSort[];
  const sort = sorts.find((one) => PHONE_SORTS[one].sort === sortOf(given).field) ?? "sortCreated";
  if (items.length === 0) return <Nothing>{nothing}</Nothing>;
  return (
    <Stack gap="xs">
      <Select
        aria-label={text("sortBy")}
        data={sorts.map((value) => ({ value, label: text(value) }))}
        value={sort}
        onChange={(value) => onChange(PHONE_SORTS[(value ?? "sortCreated") as PhoneSort])}
        allowDeselect={false}
      />
      {items.map((defect) => (
        <DefectCard key={defect.id} of={defect} site={nameOf(defect.site_id)} />
      ))}
      {total > size && (
        <Pagination
          total={Math.ceil(total / size)}
          value={given.page ?? 1}
          onChange={(page) => onChange({ page })}
          siblings={0}
          getControlProps={(control) => ({ "aria-label": text(CONTROLS[control]) })}
          getItemProps={(page) => ({ "aria-label": text("page", { page }) })}
          mx="auto"
        />
      )}
    </Stack>
  );
}

function DefectCard({ of, site }: { readonly of: Defect; readonly site: string }) {
  return (
    <Card withBorder padding="sm">
      <DefectLink of={of} />
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {[`№ ${of.number}`, site, of.location].filter(Boolean).join(" · ")}
      </Text>
      <Group gap="xs" mt={6}>
        <StatusLabel of={of.status} />
        <SeverityLabel of={of.severity} />
        {of.due_date && (
          <Text size="sm" component="div">
            <Due of={of} />
          </Text>
        )}
      </Group>
      {of.assignee && (
        <Text size="sm" mt={4}>
          {of.assignee.name}
        </Text>
      )}
    </Card>
  );
}
