/** The fields of a batch, for a new one and for an edit of one. */
import { NumberInput, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { useFormat } from "../../i18n/format";
import { DayInput, MomentInput } from "../../ui/dates";
import { WorkCenterSelect } from "./center-select";
import { excessOf, type Fields, lengthOf, MOST, type Problem, problemsOf } from "./fields";
import { useText } from "./texts";

export type BatchForm = UseFormReturnType<Fields>;

/** A form with these values that refuses what the API would refuse. */
export function useBatchForm(initialValues: Fields): BatchForm {
  const say = useProblemText();
  return useForm<Fields>({
    initialValues,
    validate: (values) => say(problemsOf(values), values),
  });
}

/** A function that says the problems in words, by field. */
function useProblemText() {
  const text = useText();
  const { number } = useFormat();
  return (problems: Readonly<Record<string, Problem>>, values: Fields) =>
    Object.fromEntries(
      Object.entries(problems).map(([name, problem]) => {
        const length = number(lengthOf(String(values[name] ?? "")));
        return [name, text(problem, { length, most: number(MOST[name]) })];
      }),
    );
}

export function BatchFields({ form }: { readonly form: BatchForm }) {
  const text = useText();
  const excess = useProblemText()(excessOf(form.values), form.values);
  const input = (name: string) => {
    const given = form.getInputProps(name);
    return { ...given, error: given.error ?? excess[name] };
  };
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <NumberInput
          label={text("number")}
          withAsterisk
          hideControls
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="none"
          data-autofocus
          {...input("batch_number")}
        />
        <DayInput label={text("date")} withAsterisk {...input("batch_date")} />
        <TextInput label={text("item")} withAsterisk {...input("nomenclature")} />
        <TextInput label={text("code")} withAsterisk {...input("ekn_code")} />
        <WorkCenterSelect withAsterisk {...input("work_center_id")} />
        <NumberInput
          label={text("plan")}
          placeholder={text("noPlan")}
          hideControls
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="none"
          thousandSeparator=" "
          {...input("planned_quantity")}
          value={form.values.planned_quantity ?? ""}
          onChange={(value) => form.setFieldValue("planned_quantity", value === "" ? null : value)}
        />
        <TextInput label={text("shift")} withAsterisk {...input("shift")} />
        <TextInput label={text("team")} withAsterisk {...input("team")} />
        <MomentInput label={text("start")} withAsterisk {...input("shift_start")} value={form.values.shift_start} />
        <MomentInput label={text("end")} withAsterisk {...input("shift_end")} value={form.values.shift_end} />
      </SimpleGrid>
      <Textarea label={text("task")} withAsterisk autosize minRows={2} maxRows={8} {...input("task_description")} />
    </Stack>
  );
}
