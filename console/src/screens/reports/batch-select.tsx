import { Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { api, type Schema } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { useText } from "./texts";

type Batch = Schema<"Batch">;

const LATEST = 20;
const TYPED_MS = 300;

/** Choosing a batch: one of the latest, or by its number. */
export function BatchSelect({
  value,
  ...props
}: Omit<SelectProps, "data" | "value"> & { readonly value: string | null }) {
  const text = useText();
  const { day } = useFormat();
  const [typed, setTyped] = useState("");
  const [settled] = useDebouncedValue(typed, TYPED_MS);
  const number = /^\s*(?:№|No\.)?\s*(\d{1,9})\s*$/.exec(settled)?.[1];
  const latest = useBatches({ limit: LATEST, sort_field: "created_at", sort_direction: "DESC" });
  const found = useBatches({ batch_number: Number(number), limit: LATEST }, number !== undefined);
  const chosen = api.useQuery(
    "get",
    "/api/batches/{batch_id}",
    { params: { path: { batch_id: value ?? "" } } },
    { enabled: value !== null },
  );
  const known: Pick<Batch, "uuid" | "batch_number" | "batch_date" | "nomenclature">[] = [
    ...(chosen.data ? [chosen.data] : []),
    ...(found.data?.items ?? []),
    ...(latest.data?.items ?? []),
  ];
  const byId = new Map(known.map((batch) => [batch.uuid, batch]));
  const labelOf = (batch: (typeof known)[number]) =>
    text("batchName", { number: batch.batch_number, day: day(batch.batch_date), item: batch.nomenclature });
  return (
    <Select
      label={text("batch")}
      description={text("batchHint")}
      searchable
      nothingFoundMessage={found.isLoading || latest.isPending ? undefined : text("noBatch")}
      data={[...byId.values()].map((batch) => ({ value: batch.uuid, label: labelOf(batch) }))}
      value={value}
      onSearchChange={setTyped}
      {...props}
    />
  );
}

function useBatches(
  query: { batch_number?: number; limit: number; sort_field?: "created_at"; sort_direction?: "DESC" },
  enabled = true,
) {
  return api.useQuery("get", "/api/batches", { params: { query: { ...query, with_products: false } } }, { enabled });
}
