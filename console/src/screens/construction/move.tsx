/** A step of a defect on its way; what takes work back asks for a word on it. */
import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, requireBody } from "../../api/client";
import { notifyError, notifySuccess } from "../../ui/notify";
import { Failure } from "../../ui/state";
import { Assign } from "./assign";
import { useRefresh } from "./data";
import { useText } from "./texts";
import type { Defect, Status, Step } from "./words";

interface Change {
  readonly defect: Defect;
  readonly to: Status;
  readonly comment?: string;
}

/** Changes the status of a defect, if it is still the shown version. */
function useMove() {
  const text = useText();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async ({ defect, to, comment }: Change) => {
      const params = { path: { defect_id: defect.id } };
      const body = { status: to, comment: comment?.trim() || null, version: defect.version };
      return requireBody((await client.PUT("/api/v1/defects/{defect_id}/status", { params, body })).data);
    },
    onSuccess: (defect) => notifySuccess(text("moved", { number: defect.number, status: text(defect.status) })),
    onSettled: refresh,
  });
}

/**
 * `start` takes a step: at once, or by the dialog that `dialog` shows where something has to be asked. `moving` is what
 * runs now.
 */
export function useSteps() {
  const [asked, setAsked] = useState<{ readonly defect: Defect; readonly step: Step }>();
  const move = useMove();
  const start = (defect: Defect, step: Step) => {
    if (step.asks) setAsked({ defect, step });
    else move.mutate({ defect, to: step.to }, { onError: notifyError });
  };
  const close = () => setAsked(undefined);
  const dialog =
    asked &&
    (asked.step.to === "assigned" ? (
      <Assign defects={[asked.defect]} onClose={close} />
    ) : (
      <Words defect={asked.defect} to={asked.step.to} onClose={close} />
    ));
  return { start, dialog, moving: move.isPending ? move.variables : undefined };
}

function Words({ defect, to, onClose }: Change & { readonly onClose: () => void }) {
  const text = useText();
  const [comment, setComment] = useState("");
  const move = useMove();
  return (
    <Modal opened onClose={onClose} title={`${text(`to_${to}`)}: ${defect.title}`}>
      <Stack>
        <Textarea
          label={text("comment")}
          description={text("optional")}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          maxLength={4000}
          autosize
          minRows={3}
          data-autofocus
        />
        {move.error && <Failure error={move.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {text("cancel")}
          </Button>
          <Button loading={move.isPending} onClick={() => move.mutate({ defect, to, comment }, { onSuccess: onClose })}>
            {text(`to_${to}`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
