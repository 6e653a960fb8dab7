import { Modal, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client";
import { notifySuccess } from "../../ui/notify";
import { Submit } from "../../ui/submit";
import { blank, bodyOf } from "./fields";
import { BatchFields, useBatchForm } from "./form";
import { useText } from "./texts";

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** The form of a new batch; leads to its page. */
export function NewBatch({ opened, onClose }: Props) {
  const text = useText();
  return (
    <Modal opened={opened} onClose={onClose} title={text("new")} size="lg">
      <NewBatchForm onClose={onClose} />
    </Modal>
  );
}

function NewBatchForm({ onClose }: { readonly onClose: () => void }) {
  const text = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const form = useBatchForm(blank(new Date()));
  const create = api.useMutation("post", "/api/batches", {
    onSuccess: (batch) => {
      void queries.invalidateQueries({ queryKey: ["get", "/api/batches"] });
      notifySuccess(text("made", { number: batch.batch_number }));
      onClose();
      void navigate({ to: "/batches/$id", params: { id: batch.uuid } });
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => create.mutate({ body: bodyOf(values) }))}>
      <Stack>
        <BatchFields form={form} />
        <Submit error={create.error} busy={create.isPending} label={text("create")} onCancel={onClose} />
      </Stack>
    </form>
  );
}
