import { Group, NumberInput, Select, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { client } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useUser } from "../../app/session";
import { MomentInput } from "../../ui/dates";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { Submit } from "../../ui/submit";
import { useText } from "./new-texts";
import { useTypeName } from "./parts";
import { EMPTY, missing, payloadOf, type TaskType, typesOf } from "./payload";
import { PayloadFields } from "./payload-fields";

const LATER = 5 * 60_000;

/** A form that makes a deferred task. */
export function NewTask({ onDone }: { readonly onDone: () => void }) {
  const text = useText();
  const typeName = useTypeName();
  const types = typesOf(useUser().roles);
  const [type, setType] = useState<TaskType>(types[0] ?? "generate_report");
  const post = useIdempotentPost();
  const form = useForm({
    initialValues: {
      ...EMPTY,
      execute_at: new Date(Date.now() + LATER).toISOString() as string | null,
      max_attempts: 3 as number | string,
    },
    validate: (values) => ({
      ...missing(type, values, text("fill")),
      ...(!(values.execute_at && new Date(values.execute_at).getTime() > Date.now()) && { execute_at: text("future") }),
    }),
  });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit(({ execute_at, max_attempts, ...fields }) =>
    send(async () => {
      const body = {
        execute_at: execute_at ?? "",
        task_type: type,
        payload: payloadOf(type, fields),
        max_attempts: Number(max_attempts),
      };
      await post(body, (headers) => client.POST("/api/v1/tasks", { body, headers }));
      notifySuccess(text("made"));
      onDone();
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Select
          label={text("type")}
          data={types.map((one) => ({ value: one, label: typeName(one) }))}
          value={type}
          onChange={(value) => setType(types.find((one) => one === value) ?? type)}
          allowDeselect={false}
        />
        <PayloadFields type={type} form={form} />
        <Group grow align="flex-start">
          <MomentInput
            label={text("at")}
            description={text("atHint")}
            withAsterisk
            minDate={new Date()}
            value={form.values.execute_at}
            onChange={(moment) => form.setFieldValue("execute_at", moment)}
            error={form.errors.execute_at}
          />
          <NumberInput
            label={text("most")}
            description={" "}
            min={1}
            max={100}
            allowDecimal={false}
            {...form.getInputProps("max_attempts")}
          />
        </Group>
        <Submit error={error} busy={busy} label={text("create")} />
      </Stack>
    </form>
  );
}
