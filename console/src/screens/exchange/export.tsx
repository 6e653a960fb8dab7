/** An export: which batches, as what, and the file. */
import { Card, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useList } from "../../api/client";
import { BatchExport } from "../../ui/batch-export";
import { Loaded } from "../../ui/state";
import { Filters } from "../batches/filters";
import { filtersOf, type ListSearch } from "../batches/state";
import { exchange } from "./routes";
import { useText } from "./texts";

export function Export() {
  const text = useText();
  const search = exchange.useSearch();
  const navigate = useNavigate();
  const filters = filtersOf(search);
  const change = (by: ListSearch) =>
    void navigate({ to: "/exchange", search: { tab: "export", ...filtersOf({ ...search, ...by }) }, replace: true });
  const query = useList("/api/batches", { query: { ...filters, limit: 1 } });
  return (
    <Stack>
      <Text size="sm">{text("exportHint")}</Text>
      <Filters search={search} onChange={change} live={false} />
      <Card withBorder maw={560}>
        <Loaded query={query}>
          {({ total }) => <BatchExport key={JSON.stringify(filters)} filters={filters} total={total} />}
        </Loaded>
      </Card>
    </Stack>
  );
}
