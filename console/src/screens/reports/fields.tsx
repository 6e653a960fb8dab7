/** The fields of a report: template, what it needs, format, recipients. For ordering one and for a schedule of them. */
import { Input, SegmentedControl, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { useMay, useUser } from "../../app/session";
import { PeriodInput } from "../../ui/dates";
import { isEmail } from "../../ui/people";
import { WorkCenterSelect } from "../batches/center-select";
import { BatchSelect } from "./batch-select";
import { useTemplates } from "./data";
import {
  BATCH,
  FORMATS,
  isWord,
  missing,
  namesPeriod,
  ownParameters,
  type ReportValues,
  SHIFT,
  TASKS,
  usable,
  WORDS,
} from "./rules";
import { useText } from "./texts";

const MOST_RECIPIENTS = 20;

export type ReportForm = UseFormReturnType<ReportValues>;

/** The template that a form has chosen. */
export function useChosen(form: ReportForm) {
  const { templates } = useTemplates();
  return templates.find(({ id }) => String(id) === form.values.template);
}

/** The form of a report with its errors. */
export function useReportForm(initial: ReportValues): ReportForm {
  const text = useText();
  const { templates } = useTemplates();
  return useForm<ReportValues>({
    initialValues: initial,
    validate: (values) => {
      const lacks = missing(
        values,
        templates.find(({ id }) => String(id) === values.template),
      );
      const wrong = values.recipients.find((email) => !isEmail(email));
      return {
        ...Object.fromEntries(Object.keys(lacks).map((field) => [field, text("needed")])),
        ...(wrong !== undefined && { recipients: text("wrongEmail", { email: wrong }) }),
        ...(values.recipients.length > MOST_RECIPIENTS && { recipients: text("manyEmails") }),
      };
    },
  });
}

/** The default name of a report: its template and period. */
export function useName(form: ReportForm): string {
  const text = useText();
  const chosen = useChosen(form);
  const name = chosen?.name ?? text("title");
  const { period } = form.values;
  return isWord(period) && chosen?.base_template_id !== BATCH ? `${name}: ${text(period).toLowerCase()}` : name;
}

/** `recurring`: the report of a schedule, which has no fixed days. */
export function ReportFields({ form, recurring = false }: { readonly form: ReportForm; readonly recurring?: boolean }) {
  const text = useText();
  const { roles } = useUser();
  const may = useMay();
  const { templates } = useTemplates();
  const chosen = useChosen(form);
  const name = useName(form);
  const [builtIn, own] = [true, false].map((is) => usable(templates, roles).filter((one) => one.is_builtin === is));
  const choices = [...(builtIn ?? []), ...(own ?? [])].map(({ id, name: label }) => ({ value: String(id), label }));
  return (
    <Stack>
      <Select
        label={text("template")}
        description={chosen?.description || undefined}
        data={choices}
        allowDeselect={false}
        searchable={choices.length > 8}
        withAsterisk
        data-autofocus
        {...form.getInputProps("template")}
      />
      {chosen?.base_template_id === BATCH && (
        <BatchSelect
          withAsterisk={!ownParameters(chosen).batch_id}
          placeholder={ownParameters(chosen).batch_id ? text("batchAsTemplate") : undefined}
          value={form.values.batch}
          onChange={(chosenBatch) => form.setFieldValue("batch", chosenBatch)}
          error={form.errors.batch}
        />
      )}
      {chosen && chosen.base_template_id !== BATCH && <PeriodFields form={form} recurring={recurring} />}
      {chosen?.base_template_id === SHIFT && (
        <WorkCenterSelect placeholder={text("everyCenter")} clearable {...form.getInputProps("center")} />
      )}
      <Input.Wrapper label={text("format")} labelElement="div">
        <SegmentedControl
          aria-label={text("format")}
          display="flex"
          w="fit-content"
          data={FORMATS.map((value) => ({ value, label: text(value) }))}
          {...form.getInputProps("format")}
        />
      </Input.Wrapper>
      <TextInput
        label={text("name")}
        description={chosen && text("nameHint", { name })}
        maxLength={200}
        {...form.getInputProps("name")}
      />
      {may("POST /api/v1/reports") === "yes" && <Recipients form={form} />}
    </Stack>
  );
}

function Recipients({ form }: { readonly form: ReportForm }) {
  const text = useText();
  const take = (given: string[]) => {
    form.setFieldValue("recipients", given.filter(isEmail));
    const wrong = given.filter((one) => !isEmail(one));
    if (wrong.length > 0) form.setFieldError("recipients", text("wrongEmail", { email: wrong.join(", ") }));
  };
  return (
    <TagsInput
      label={text("recipients")}
      description={text("recipientsHint")}
      placeholder={form.values.recipients.length === 0 ? text("recipientsPlaceholder") : undefined}
      splitChars={[",", ";", " "]}
      acceptValueOnBlur
      {...form.getInputProps("recipients")}
      onChange={take}
    />
  );
}

function PeriodFields({ form, recurring }: { readonly form: ReportForm; readonly recurring: boolean }) {
  const text = useText();
  const chosen = useChosen(form);
  const choices = [
    ...(namesPeriod(chosen) ? [{ value: "template", label: text("asTemplate") }] : []),
    ...(chosen?.base_template_id === TASKS && !namesPeriod(chosen)
      ? [{ value: "template", label: text("noPeriod") }]
      : []),
    ...WORDS.map((value) => ({ value: value as string, label: text(value) })),
    ...(recurring ? [] : [{ value: "days", label: text("days") }]),
  ];
  return (
    <>
      <Select
        label={text("period")}
        data={choices}
        allowDeselect={false}
        withAsterisk
        maxDropdownHeight={320}
        {...form.getInputProps("period")}
      />
      {form.values.period === "days" && (
        <PeriodInput label={text("daysLabel")} withAsterisk {...form.getInputProps("days")} />
      )}
    </>
  );
}
