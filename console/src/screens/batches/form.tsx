/** The fields of a batch, for a new one and for an edit of one. */
import { NumberInput, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { DayInput, MomentInput } from "../../ui/dates";
import { WorkCenterSelect } from "./center-select";
import { type Fields, problemsOf } from "./fields";
import { useText } from "./texts";

export type BatchForm = UseFormReturnType<Fields>;

/** A form with these values that refuses what the API would refuse. */
export function useBatchForm(initialValues: Fields): BatchForm {
  const text = useText();
  return useForm<Fields>({
    initialValues,
    validate: (values) =>
      Object.fromEntries(Object.entries(problemsOf(values)).map(([name, problem]) => [name, text(problem)])),
  });
}

export function BatchFields({ form }: { readonly form: BatchForm }) {
  const text = useText();
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <NumberInput
          label={text("number")}
          withAsterisk
          hideControls
          allowDecimal={false}
          allowNegative={false}
          max={1e15}
          data-autofocus
          {...form.getInputProps("batch_number")}
        />
        <DayInput label={text("date")} withAsterisk {...form.getInputProps("batch_date")} />
        <TextInput label={text("item")} withAsterisk maxLength={200} {...form.getInputProps("nomenclature")} />
        <TextInput label={text("code")} withAsterisk maxLength={200} {...form.getInputProps("ekn_code")} />
        <WorkCenterSelect withAsterisk {...form.getInputProps("work_center_id")} />
        <NumberInput
          label={text("plan")}
          placeholder={text("noPlan")}
          hideControls
          allowDecimal={false}
          allowNegative={false}
          max={1_000_000}
          thousandSeparator=" "
          {...form.getInputProps("planned_quantity")}
          value={form.values.planned_quantity ?? ""}
          onChange={(value) => form.setFieldValue("planned_quantity", typeof value === "number" ? value : null)}
        />
        <TextInput label={text("shift")} withAsterisk maxLength={200} {...form.getInputProps("shift")} />
        <TextInput label={text("team")} withAsterisk maxLength={200} {...form.getInputProps("team")} />
        <MomentInput
          label={text("start")}
          withAsterisk
          {...form.getInputProps("shift_start")}
          value={form.values.shift_start}
        />
        <MomentInput
          label={text("end")}
          withAsterisk
          {...form.getInputProps("shift_end")}
          value={form.values.shift_end}
        />
      </SimpleGrid>
      <Textarea
        label={text("task")}
        withAsterisk
        autosize
        minRows={2}
        maxRows={8}
        maxLength={10_000}
        {...form.getInputProps("task_description")}
      />
    </Stack>
  );
}
