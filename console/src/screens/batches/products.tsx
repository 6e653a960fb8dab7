/** The products of a batch, found by code and page by page. */
import { ActionIcon, Group, SegmentedControl, Text, TextInput } from "@mantine/core";
import { IconBox, IconSearch, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { api, type Schema, useList } from "../../api/client";
import { useMay } from "../../app/session";
import { shownCode, typedCode } from "../../ui/code";
import { confirm } from "../../ui/confirm";
import { notifyError, notifySuccess } from "../../ui/notify";
import { Panel } from "../../ui/panel";
import { Code } from "../../ui/shown-code";
import { Status } from "../../ui/status";
import { QueryTable } from "../../ui/table";
import { Time } from "../../ui/time";
import { useBatchText } from "./batch-texts";
import { useTyped } from "./filters";
import { type Seen, useRefresh } from "./reading";
import { readProducts, batch as route } from "./routes";
import { pageOf } from "./state";

type Product = Schema<"Product">;
type Search = ReturnType<typeof readProducts>;

export function Products({ seen: { data: batch } }: { readonly seen: Seen }) {
  const text = useBatchText();
  const search = route.useSearch();
  const navigate = useNavigate();
  const { page, size } = pageOf(search);
  const columns = useColumns(batch.is_closed, batch.uuid);
  const { code, is_aggregated } = search;
  const filters = { ...(code && { unique_code: code }), ...(is_aggregated !== undefined && { is_aggregated }) };
  const paging = { limit: size, offset: (page - 1) * size };
  const query = useList("/api/products", { query: { batch_id: batch.uuid, ...filters, ...paging } });
  const change = (by: Search) =>
    void navigate({
      to: "/batches/$id",
      params: { id: batch.uuid },
      search: readProducts({ ...search, page: undefined, ...by }),
      replace: true,
      resetScroll: false,
    });
  return (
    <Panel title={text("products")}>
      <QueryTable
        name="products"
        label={text("products")}
        columns={columns}
        query={query}
        of={({ items }) => items}
        id={(product) => product.uuid}
        page={page}
        size={size}
        onPage={(next) => change({ page: next })}
        onSize={(limit) => change({ limit })}
        tools={<ProductFilters search={search} onChange={change} />}
        nothing={text(Object.keys(filters).length > 0 ? "noneFound" : "noProducts")}
      />
    </Panel>
  );
}

function ProductFilters({ search, onChange }: { readonly search: Search; readonly onChange: (by: Search) => void }) {
  const text = useBatchText();
  const [typed, setTyped] = useTyped(search.code && shownCode(search.code), (value) =>
    onChange({ code: typedCode(String(value ?? "")) || undefined }),
  );
  return (
    <>
      <TextInput
        aria-label={text("code")}
        placeholder={text("codeHint")}
        leftSection={<IconSearch size={16} aria-hidden />}
        w={{ base: "100%", xs: 240 }}
        maxLength={300}
        value={typed ?? ""}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <SegmentedControl
        aria-label={text("packed")}
        size="xs"
        value={String(search.is_aggregated ?? "")}
        onChange={(value) => onChange({ is_aggregated: value === "" ? undefined : value === "true" })}
        data={[
          { value: "", label: text("allProducts") },
          { value: "true", label: text("packedOnes") },
          { value: "false", label: text("notPackedOnes") },
        ]}
      />
    </>
  );
}

const wide = { visibleMediaQuery: "(min-width: 48em)" };

function useColumns(closed: boolean, batchId: string): DataTableColumn<Product>[] {
  const text = useBatchText();
  const may = useMay();
  const removable = !closed && may("DELETE /api/batches/{batch_id}/products/{product_id}") !== undefined;
  const packable = !closed && may("PATCH /api/products/{product_id}/aggregate") !== undefined;
  return [
    {
      accessor: "unique_code",
      title: text("code"),
      render: (one) => (
        <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          <Code>{one.unique_code}</Code>
        </Text>
      ),
    },
    {
      accessor: "is_aggregated",
      title: text("packed"),
      render: (one) => (
        <Status tone={one.is_aggregated ? "good" : "waiting"}>
          {text(one.is_aggregated ? "packed" : "notPacked")}
        </Status>
      ),
    },
    { accessor: "created_at", title: text("addedAt"), render: (one) => <Time value={one.created_at} />, ...wide },
    {
      accessor: "aggregated_at",
      title: text("packedAt"),
      render: (one) => <Time value={one.aggregated_at} />,
      ...wide,
    },
    ...(removable || packable
      ? [
          {
            accessor: "actions",
            title: text("actions"),
            textAlign: "right" as const,
            render: (one: Product) => (
              <ProductActions product={one} batchId={batchId} packable={packable} removable={removable} />
            ),
          },
        ]
      : []),
  ];
}

function ProductActions({
  product,
  batchId,
  packable,
  removable,
}: {
  readonly product: Product;
  readonly batchId: string;
  readonly packable: boolean;
  readonly removable: boolean;
}) {
  const text = useBatchText();
  const refresh = useRefresh(batchId);
  const { unique_code: code, uuid } = product;
  const after = (message: string) => ({
    onSuccess: () => {
      notifySuccess(message);
      void refresh();
    },
    onError: (error: unknown) => {
      notifyError(error);
      void refresh();
    },
  });
  const remove = api.useMutation(
    "delete",
    "/api/batches/{batch_id}/products/{product_id}",
    after(text("productRemoved")),
  );
  const pack = api.useMutation("patch", "/api/products/{product_id}/aggregate", after(text("productPacked")));
  const ask = () =>
    confirm(
      text("removeTitle"),
      <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
        <Code>{code}</Code>
      </Text>,
      () => remove.mutate({ params: { path: { batch_id: batchId, product_id: uuid } } }),
      text("removeYes"),
    );
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {packable && !product.is_aggregated && (
        <ActionIcon
          variant="subtle"
          aria-label={text("packProduct", { code: shownCode(code) })}
          loading={pack.isPending}
          onClick={() => pack.mutate({ params: { path: { product_id: uuid } }, body: {} })}
        >
          <IconBox size={16} aria-hidden />
        </ActionIcon>
      )}
      {removable && (
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={text("removeProduct", { code: shownCode(code) })}
          loading={remove.isPending}
          onClick={ask}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}
