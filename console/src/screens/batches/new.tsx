import { Button, Group, Modal, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client";
import { done } from "../../ui/notify";
import { Failure } from "../../ui/state";
import { useText as useUiText } from "../../ui/texts";
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
  const ui = useUiText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const form = useBatchForm(blank(new Date()));
  const create = api.useMutation("post", "/api/batches", {
    onSuccess: (batch) => {
      void queries.invalidateQueries({ queryKey: ["get", "/api/batches"] });
      done(text("made", { number: batch.batch_number }));
      onClose();
      void navigate({ to: "/batches/$id", params: { id: batch.uuid } });
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => create.mutate({ body: bodyOf(values) }))}>
      <Stack>
        <BatchFields form={form} />
        {create.error && <Failure error={create.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {ui("cancel")}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {text("create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
