/** Change a defect; when somebody else was quicker, both versions are shown and the user chooses. */
import { Alert, Button, Group, Modal, Radio, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, must, tagged } from "../../api/client";
import { ApiError } from "../../api/errors";
import { useFormat } from "../../i18n/format";
import { done } from "../../ui/notify";
import { Failure } from "../../ui/state";
import { useRefresh } from "./data";
import { Day } from "./day";
import type { Tagged } from "./defect";
import { conflicts, type Fields, merged } from "./merge";
import { useText } from "./texts";
import { SEVERITIES } from "./words";

type Choice = Partial<Record<keyof Fields, "mine" | "theirs">>;

interface Save {
  readonly mine: Fields;
  readonly over: Tagged;
  readonly chosen: Choice;
}

export function Edit({ of, onClose }: { readonly of: Tagged; readonly onClose: () => void }) {
  const text = useText();
  const [base] = useState(of);
  const { save, quicker, mine } = useSave(base, onClose);
  return (
    <Modal opened onClose={onClose} title={text("edit")} size="lg">
      {quicker && mine ? (
        <Merge base={base.data} theirs={quicker} mine={mine} save={save} onClose={onClose} />
      ) : (
        <Form of={base} save={save} onClose={onClose} />
      )}
    </Modal>
  );
}

/** Saves; where somebody else changed other things only, on top of theirs and without asking. */
function useSave(base: Tagged, onClose: () => void) {
  const text = useText();
  const refresh = useRefresh();
  const [quicker, setQuicker] = useState<Tagged>();
  const [mine, setMine] = useState<Fields>();
  const path = { defect_id: base.data.id };
  const save = useMutation({
    mutationFn: async (change: Save): Promise<boolean> => {
      setMine(change.mine);
      const body = { ...merged(base.data, change.over.data, change.mine, change.chosen), version: null };
      const params = { path, header: { "If-Match": change.over.etag } };
      try {
        must((await client.PATCH("/api/v1/defects/{defect_id}", { params, body })).data);
        return true;
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 412)) throw error;
      }
      const now = await tagged(client.GET("/api/v1/defects/{defect_id}", { params: { path } }));
      const open = conflicts(base.data, now.data, change.mine).filter((name) => !change.chosen[name]);
      if (open.length === 0) return save.mutateAsync({ ...change, over: now });
      setQuicker(now);
      return false;
    },
    onSuccess: async (saved) => {
      if (!saved) return;
      await refresh();
      done(text("saved"));
      onClose();
    },
  });
  return { save, quicker, mine };
}

interface Props {
  readonly save: ReturnType<typeof useSave>["save"];
  readonly onClose: () => void;
}

function Form({ of, save, onClose }: Props & { readonly of: Tagged }) {
  const text = useText();
  const { title, description, location, severity, due_date } = of.data;
  const form = useForm({
    initialValues: { title, description, location: location ?? "", severity, due_date },
    validate: { title: (value) => (value.trim() ? null : text("required")) },
  });
  const send = (values: typeof form.values) => {
    const mine = { ...values, title: values.title.trim(), location: values.location.trim() || null };
    save.mutate({ mine, over: of, chosen: {} });
  };
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack>
        <TextInput label={text("defect")} withAsterisk data-autofocus {...form.getInputProps("title")} />
        <Textarea label={text("description")} autosize minRows={3} {...form.getInputProps("description")} />
        <TextInput label={text("location")} placeholder={text("locationHint")} {...form.getInputProps("location")} />
        <Select
          label={text("severity")}
          data={SEVERITIES.map((value) => ({ value, label: text(value) }))}
          allowDeselect={false}
          {...form.getInputProps("severity")}
        />
        {of.data.can_assign && (
          <Day
            label={text("due")}
            value={form.values.due_date}
            onChange={(day) => form.setFieldValue("due_date", day ?? null)}
          />
        )}
        {save.error && <Failure error={save.error} />}
        <Buttons busy={save.isPending} onClose={onClose} />
      </Stack>
    </form>
  );
}

function Buttons({ busy, onClose }: { readonly busy: boolean; readonly onClose: () => void }) {
  const text = useText();
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        {text("cancel")}
      </Button>
      <Button type="submit" loading={busy}>
        {text("save")}
      </Button>
    </Group>
  );
}

const NAMES = {
  title: "defect",
  description: "description",
  location: "location",
  severity: "severity",
  due_date: "due",
} as const;

interface MergeProps extends Props {
  readonly base: Fields;
  readonly theirs: Tagged;
  readonly mine: Fields;
}

function Merge({ base, theirs, mine, save, onClose }: MergeProps) {
  const text = useText();
  const format = useFormat();
  const fields = conflicts(base, theirs.data, mine);
  const [chosen, setChosen] = useState<Choice>(() => Object.fromEntries(fields.map((name) => [name, "mine"])));
  const write = (name: keyof Fields, of: Fields) => {
    if (name === "severity") return text(of.severity);
    if (name === "due_date") return format.day(of.due_date);
    return of[name] || text("none");
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ mine, over: theirs, chosen });
      }}
    >
      <Stack>
        <Alert color="orange" title={text("quicker")} role="alert">
          {text("quickerHint")}
        </Alert>
        {fields.map((name) => (
          <Radio.Group
            key={name}
            label={text(NAMES[name])}
            value={chosen[name] ?? "mine"}
            onChange={(value) => setChosen({ ...chosen, [name]: value === "theirs" ? "theirs" : "mine" })}
          >
            <Stack gap="xs" mt={4}>
              <Radio value="mine" label={<Version name={text("yours")} value={write(name, mine)} />} />
              <Radio value="theirs" label={<Version name={text("theirs")} value={write(name, theirs.data)} />} />
            </Stack>
          </Radio.Group>
        ))}
        {save.error && <Failure error={save.error} />}
        <Buttons busy={save.isPending} onClose={onClose} />
      </Stack>
    </form>
  );
}

function Version({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <Text span size="sm" c="dimmed">
        {name}:{" "}
      </Text>
      <Text span style={{ overflowWrap: "anywhere" }}>
        {value}
      </Text>
    </>
  );
}
