import { useState } from "react";
import { client, type Schema } from "../../api/client";
import { EditForm, useSaving } from "../../ui/merge";
import { notifySuccess } from "../../ui/notify";
import { type Fields, fieldsOf } from "./fields";
import { BatchFields, useBatchForm } from "./form";
import { params, read, type Seen, useRefresh } from "./reading";
import { useLabels, useShow } from "./showing";
import { useText } from "./texts";

const versionOf = ({ data, etag }: Seen) => ({ values: fieldsOf(data), etag });

/** The form of an existing batch. */
export function EditBatch({ seen, onEnd }: { readonly seen: Seen; readonly onEnd: () => void }) {
  const text = useText();
  const { uuid } = seen.data;
  const refresh = useRefresh(uuid);
  const [base] = useState(() => versionOf(seen));
  const form = useBatchForm(base.values);
  const labels = useLabels();
  const show = useShow();
  const saving = useSaving<Fields>({
    read: async () => versionOf(await read(uuid)),
    send: (changes, etag) =>
      client.PATCH("/api/batches/{batch_id}", {
        params: params({ ...seen, etag }),
        // Only the plan may be empty.
        body: changes as Schema<"BatchPatch">,
      }),
    onSaved: () => {
      notifySuccess(text("saved"));
      void refresh();
      onEnd();
    },
  });
  return (
    <EditForm
      noValidate
      saving={saving}
      labels={labels}
      show={show}
      onDiscard={onEnd}
      onCancel={onEnd}
      onSubmit={form.onSubmit((values) => void saving.save(base, values))}
    >
      <BatchFields form={form} />
    </EditForm>
  );
}
