import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, withEtag } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { EditForm, useSaving, type Version } from "../../ui/merge";
import { notifySuccess } from "../../ui/notify";
import { LineInputs, useLineRules } from "./order-form";
import { amountOf, type Line, sent } from "./orders-rules";
import { useText } from "./orders-texts";

type Lines = { items: Line[] };

/** Changes the lines of an order in the status `created`. */
export function EditLines({
  id,
  first,
  onDone,
}: {
  readonly id: string;
  readonly first: Version<Lines>;
  readonly onDone: () => void;
}) {
  const text = useText();
  const queries = useQueryClient();
  const { money } = useFormat();
  const [begun] = useState(first); // the version that the form starts from
  const form = useForm<Lines>({ initialValues: begun.values, validate: { items: useLineRules() } });
  const saving = useSaving<Lines>({
    read: async () => {
      const { data, etag } = await withEtag(client.GET("/orders/{order_id}", { params: { path: { order_id: id } } }));
      return { values: { items: data.data.items }, etag };
    },
    send: ({ items }, etag) =>
      client.PUT("/orders/{order_id}", {
        params: { path: { order_id: id }, header: { "If-Match": etag } },
        body: { items: sent(items ?? []), status: null },
      }),
    onSaved: () => {
      notifySuccess(text("saved"));
      void queries.invalidateQueries();
      onDone();
    },
  });
  const written = (lines: readonly Line[]) =>
    `${lines.map((line) => `${line.product} × ${line.quantity}`).join(", ")} = ${money(amountOf(lines))}`;
  return (
    <EditForm
      saving={saving}
      labels={{ items: text("items") }}
      show={(_, value) => written(value as Line[])} // the form has no other field
      onDiscard={onDone}
      onSubmit={form.onSubmit((values) => saving.save(begun, values))}
    >
      <LineInputs form={form} />
    </EditForm>
  );
}
