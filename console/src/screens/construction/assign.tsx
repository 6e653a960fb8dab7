/** The dialog that assigns one or many defects. */
import { Alert, Button, Group, List, Modal, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, requireBody, type Schema } from "../../api/client";
import { DayInput } from "../../ui/dates";
import { notifySuccess } from "../../ui/notify";
import { PersonSelect } from "../../ui/people";
import { Failure } from "../../ui/state";
import { fixes, useRefresh } from "./data";
import { useText } from "./texts";
import type { Defect } from "./words";

interface Props {
  readonly defects: readonly Defect[];
  /** With those that could not be assigned, once it was tried. */
  readonly onClose: (left?: readonly Defect[]) => void;
}

/** A dialog that assigns; it stays open with the reasons when some could not be assigned. */
export function Assign({ defects, onClose }: Props) {
  const text = useText();
  const refresh = useRefresh();
  const one = defects.length === 1 ? defects[0] : undefined;
  const [assignee, setAssignee] = useState<string | null>(one?.assignee?.id ?? null);
  const [due, setDue] = useState(one?.due_date ?? null);
  const sending = useMutation({
    mutationFn: async (assignee_id: string) => {
      const body = { ids: defects.map((defect) => defect.id), assignee_id, due_date: due };
      return requireBody((await client.POST("/api/v1/defects/assign", { body })).data);
    },
    onSuccess: async (answer) => {
      await refresh();
      if (answer.assigned > 0) notifySuccess(text("assignedCount", { count: answer.assigned }));
      if (answer.failed === 0) onClose([]);
    },
  });
  const failures = sending.data?.results.filter((result) => result.outcome === "failed") ?? [];
  const left = sending.data && defects.filter((defect) => failures.some((result) => result.id === defect.id));
  return (
    <Modal opened onClose={() => onClose(left)} title={one ? one.title : text("chosen", { count: defects.length })}>
      <Stack>
        <Assignee value={assignee} onChange={setAssignee} />
        <DayInput label={text("due")} description={text("keepDue")} value={due} onChange={setDue} clearable />
        {sending.error && <Failure error={sending.error} />}
        {left && failures.length > 0 && <Failures failures={failures} defects={left} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onClose(left)}>
            {text("cancel")}
          </Button>
          <Button disabled={!assignee} loading={sending.isPending} onClick={() => assignee && sending.mutate(assignee)}>
            {text("assign")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** A select of users who may fix defects. */
export function Assignee(props: {
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  readonly clearable?: boolean;
}) {
  const text = useText();
  return (
    <PersonSelect
      label={text("assignTo")}
      value={props.value}
      onChange={props.onChange}
      only={fixes}
      clearable={props.clearable ?? false}
      withAsterisk={!props.clearable}
      data-autofocus={!props.clearable || undefined}
    />
  );
}

function Failures(props: { readonly failures: readonly Schema<"Assigned">[]; readonly defects: readonly Defect[] }) {
  const text = useText();
  return (
    <Alert color="red" title={text("notAssigned")} role="alert">
      <List size="sm">
        {props.failures.map((failure) => (
          <List.Item key={failure.id}>
            № {props.defects.find((defect) => defect.id === failure.id)?.number}: {failure.error}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
