import { Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { client } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useUser } from "../../app/session";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { Submit } from "../../ui/submit";
import { useText } from "./new-texts";
import { useTypeName } from "./parts";
import { EMPTY, missing, payloadOf, type TaskType, typesOf } from "./payload";
import { PayloadFields } from "./payload-fields";
import { recurrenceOf } from "./recurring";
import { RecurringFields } from "./recurring-fields";

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A form that makes a schedule of any type; those of reports are made at the screen of reports, too. */
export function NewSchedule({ onDone }: { readonly onDone: () => void }) {
  const text = useText();
  const typeName = useTypeName();
  const types = typesOf(useUser().roles);
  const [type, setType] = useState<TaskType>("generate_report");
  const post = useIdempotentPost();
  const form = useForm({
    initialValues: {
      ...EMPTY,
      name: "",
      how: "daily",
      time: "08:00",
      days: [] as string[],
      cron: "",
      every: 1 as number | string,
      unit: "hours",
      time_zone: zone(),
      overlap: "skip",
      rate: "",
    },
    validate: (values) => ({
      ...missing(type, values, text("fill")),
      ...(!values.name.trim() && { name: text("fill") }),
      ...(values.how === "expression" && !values.cron.trim() && { cron: text("fill") }),
    }),
  });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit((values) =>
    send(async () => {
      const body = {
        name: values.name.trim(),
        task_type: type,
        payload: payloadOf(type, values),
        time_zone: values.time_zone,
        overlap: values.overlap === "allow" ? ("allow" as const) : ("skip" as const),
        ...recurrenceOf(values),
      };
      await post(body, (headers) => client.POST("/api/v1/schedules", { body, headers }));
      notifySuccess(text("madeSchedule"));
      onDone();
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput label={text("name")} withAsterisk maxLength={200} data-autofocus {...form.getInputProps("name")} />
        <Select
          label={text("type")}
          data={types.map((one) => ({ value: one, label: typeName(one) }))}
          value={type}
          onChange={(value) => setType(types.find((one) => one === value) ?? type)}
          allowDeselect={false}
        />
        <PayloadFields type={type} form={form} />
        <RecurringFields form={form} />
        <Select
          label={text("overlap")}
          data={[
            { value: "skip", label: text("skip") },
            { value: "allow", label: text("allow") },
          ]}
          allowDeselect={false}
          {...form.getInputProps("overlap")}
        />
        <Submit error={error} busy={busy} label={text("create")} />
      </Stack>
    </form>
  );
}
