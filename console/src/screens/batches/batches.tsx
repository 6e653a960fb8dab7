/** The list of batches: filters, sorting, columns and page stand in the address. */
import { Box, Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBuildingFactory2, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { useList } from "../../api/client";
import { useMay } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { TextLink } from "../../ui/link";
import { Page } from "../../ui/page";
import { QueryTable } from "../../ui/table";
import { Time } from "../../ui/time";
import { CentersDialog } from "./centers-dialog";
import { ExportButton } from "./export";
import { Filters } from "./filters";
import { NewBatch } from "./new";
import { type Batch, BatchProgress, BatchState, CenterName } from "./parts";
import { batches } from "./routes";
import { changedBy, hasFilters, type ListSearch, pageOf, queryOf, sortOf } from "./state";
import { useText } from "./texts";
import { Views } from "./views";

export function Batches() {
  const text = useText();
  const may = useMay();
  const search = batches.useSearch();
  const navigate = useNavigate();
  const [creating, create] = useDisclosure();
  const [centers, showCenters] = useDisclosure();
  const change = (by: ListSearch) => void navigate({ to: "/batches", search: changedBy(search, by), replace: true });
  return (
    <Page
      title={text("title")}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconBuildingFactory2 size={16} aria-hidden />}
            onClick={showCenters.open}
          >
            {text("centers")}
          </Button>
          {may("POST /api/batches") && (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={create.open}>
              {text("new")}
            </Button>
          )}
        </>
      }
    >
      <Filters search={search} onChange={change} />
      <List search={search} onChange={change} />
      <NewBatch opened={creating} onClose={create.close} />
      <CentersDialog opened={centers} onClose={showCenters.close} />
    </Page>
  );
}

interface Props {
  readonly search: ListSearch;
  readonly onChange: (change: ListSearch) => void;
}

function List({ search, onChange }: Props) {
  const text = useText();
  const navigate = useNavigate();
  const may = useMay();
  const columns = useColumns();
  const query = useList("/api/batches", { query: queryOf(search) });
  const { page, size } = pageOf(search);
  const total = query.data?.total ?? 0;
  const found = text(search.batch_number === undefined ? "noneFound" : "noneFoundNumber");
  const nothing = hasFilters(search) ? found : `${text("none")}. ${text("none_hint")}`;
  return (
    <QueryTable
      name="batches"
      label={text("list")}
      columns={columns}
      hiddenAtFirst={HIDDEN}
      query={query}
      of={({ items }) => items}
      id={(batch) => batch.uuid}
      onOpen={(batch) => void navigate({ to: "/batches/$id", params: { id: batch.uuid } })}
      sort={sortOf(search)}
      onSort={({ field, direction }) =>
        onChange({ sort_field: field, sort_direction: direction === "asc" ? "ASC" : "DESC" })
      }
      page={page}
      size={size}
      onPage={(next) => onChange({ page: next })}
      onSize={(limit) => onChange({ limit })}
      tools={
        <>
          <Views search={search} />
          {may("POST /api/batches/export") && total > 0 && !search.running && (
            <ExportButton search={search} total={total} />
          )}
        </>
      }
      nothing={nothing}
    />
  );
}

const HIDDEN = ["ekn_code", "products_total", "created_at", "updated_at"];

const wide = { visibleMediaQuery: "(min-width: 62em)" };
const middle = { visibleMediaQuery: "(min-width: 48em)" };

function useColumns(): DataTableColumn<Batch>[] {
  const text = useText();
  const { day, number } = useFormat();
  return [
    {
      accessor: "batch_number",
      title: text("number"),
      sortable: true,
      render: (batch) => (
        <TextLink size="sm" fw={600} to="/batches/$id" params={{ id: batch.uuid }}>
          {batch.batch_number}
          <Text hiddenFrom="sm" size="xs" c="dimmed" lineClamp={2}>
            {day(batch.batch_date)} · {batch.nomenclature}
          </Text>
        </TextLink>
      ),
    },
    {
      accessor: "batch_date",
      title: text("date"),
      sortable: true,
      noWrap: true,
      render: (one) => day(one.batch_date),
      ...middle,
    },
    {
      accessor: "nomenclature",
      title: text("item"),
      render: (batch) => (
        <Text size="sm" lineClamp={2}>
          {batch.nomenclature}
        </Text>
      ),
      ...middle,
    },
    { accessor: "ekn_code", title: text("code"), ...wide },
    {
      accessor: "work_center_id",
      title: text("center"),
      render: (one) => <CenterName id={one.work_center_id} />,
      ...wide,
    },
    { accessor: "shift", title: text("shift"), sortable: true, ...middle },
    {
      accessor: "team",
      title: text("team"),
      sortable: true,
      render: (one) => (
        <Text size="sm" lineClamp={2}>
          {one.team}
        </Text>
      ),
      ...wide,
    },
    {
      accessor: "is_closed",
      title: text("state"),
      sortable: true,
      render: (batch) => (
        <>
          <BatchState batch={batch} />
          <Box hiddenFrom="sm" mt={4}>
            <BatchProgress batch={batch} worded />
          </Box>
        </>
      ),
    },
    {
      accessor: "products_total",
      title: text("products"),
      textAlign: "right",
      render: (one) => number(one.products_total),
      ...wide,
    },
    {
      accessor: "aggregated_total",
      title: text("progressOfPlan"),
      render: (one) => <BatchProgress batch={one} />,
      ...middle,
    },
    {
      accessor: "created_at",
      title: text("created"),
      sortable: true,
      render: (one) => <Time value={one.created_at} ago />,
      ...wide,
    },
    {
      accessor: "updated_at",
      title: text("updated"),
      sortable: true,
      render: (one) => <Time value={one.updated_at} ago />,
      ...wide,
    },
  ];
}
