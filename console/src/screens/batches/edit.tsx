import { Button, Group, Stack } from "@mantine/core";
import { useState } from "react";
import { client, type Schema } from "../../api/client";
import { Merge, useSaving } from "../../ui/merge";
import { done } from "../../ui/notify";
import { Failure } from "../../ui/state";
import { useText as useUiText } from "../../ui/texts";
import { type Fields, fieldsOf } from "./fields";
import { BatchFields, useBatchForm } from "./form";
import { params, read, type Seen, useRefresh } from "./reading";
import { useLabels, useShow } from "./showing";
import { useText } from "./texts";

const versionOf = ({ data, etag }: Seen) => ({ values: fieldsOf(data), etag });

/** The form of a batch that is there; what others saved meanwhile is merged, by the user where both changed it. */
export function EditBatch({ seen, onEnd }: { readonly seen: Seen; readonly onEnd: () => void }) {
  const text = useText();
  const ui = useUiText();
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
        // The form lets nothing through that is empty, apart from the plan.
        body: changes as Schema<"BatchPatch">,
      }),
    onSaved: () => {
      done(text("saved"));
      void refresh();
      onEnd();
    },
  });
  if (saving.conflict)
    return (
      <>
        {saving.error ? <Failure error={saving.error} /> : null}
        <Merge saving={saving} labels={labels} show={show} onDiscard={onEnd} />
      </>
    );
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void saving.save(base, values))}>
      <Stack>
        <BatchFields form={form} />
        {saving.error ? <Failure error={saving.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onEnd}>
            {ui("cancel")}
          </Button>
          <Button type="submit" loading={saving.busy}>
            {text("save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
