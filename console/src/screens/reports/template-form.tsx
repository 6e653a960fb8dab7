import { Modal, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { client, type Schema, withEtag } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { Current, type Tagged } from "../../ui/current";
import { PeriodInput } from "../../ui/dates";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { Submit } from "../../ui/submit";
import { WorkCenterSelect } from "../batches/center-select";
import { BatchSelect } from "./batch-select";
import { useTemplates } from "./data";
import { BATCH, blank, parametersFrom, parametersOf, SHIFT, type Template, valuesOfParameters, WORDS } from "./rules";
import { useText } from "./texts";

interface Props {
  readonly onClose: () => void;
  /** The template to change; without it a new one is created. */
  readonly template?: Template;
}

export function TemplateDialog({ onClose, template }: Props) {
  const text = useText();
  return (
    <Modal opened onClose={onClose} title={text(template ? "templateEdit" : "templateNew")} size="lg">
      {template ? <Existing id={template.id} onClose={onClose} /> : <Form onClose={onClose} />}
    </Modal>
  );
}

function Existing({ id, onClose }: { readonly id: number; readonly onClose: () => void }) {
  const read = () => withEtag(client.GET("/api/v1/templates/{template_id}", { params: { path: { template_id: id } } }));
  return (
    <Current name={["template", id]} read={read}>
      {(current, again) => <Form key={current.etag} current={current} onClose={onClose} onAgain={again} />}
    </Current>
  );
}

/** The form as it stands; `period` is "template" while it is asked for with every order. */
const valuesOf = (template: Template | undefined) => ({
  ...blank(),
  period: "template",
  ...(template && valuesOfParameters(parametersOf(template.parameters))),
  name: template?.name ?? "",
  description: template?.description ?? "",
  base: String(template?.base_template_id ?? SHIFT),
});

interface FormProps {
  readonly onClose: () => void;
  readonly current?: Tagged<Template>;
  /** Read the template again after another user has changed it. */
  readonly onAgain?: () => void;
}

function Form({ onClose, current, onAgain }: FormProps) {
  const text = useText();
  const save = useSave(current);
  const form: TemplateForm = useForm<ReturnType<typeof valuesOf>>({
    initialValues: valuesOf(current?.data),
    validate: (values) => (values.period === "days" && !values.days[0] ? { days: text("needed") } : {}),
  });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit((values) =>
    send(async () => {
      const base = Number(values.base);
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const parameters = parametersFrom(values, base, zone);
      const description = values.description.trim() || null;
      await save({ name: values.name.trim(), description, base_template_id: base, parameters });
      notifySuccess(text("templateSaved"));
      onClose();
    }),
  );
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label={text("name")} required maxLength={200} data-autofocus {...form.getInputProps("name")} />
        <Textarea label={text("description")} autosize maxRows={6} {...form.getInputProps("description")} />
        <Parameters form={form} />
        <Submit error={error} busy={busy} label={text("templateSave")} onCancel={onClose} again={onAgain} />
      </Stack>
    </form>
  );
}

type TemplateForm = UseFormReturnType<ReturnType<typeof valuesOf>>;

function Parameters({ form }: { readonly form: TemplateForm }) {
  const text = useText();
  const { templates } = useTemplates();
  const builtIn = templates.filter((one) => one.is_builtin).map(({ id, name }) => ({ value: String(id), label: name }));
  const periods = [
    { value: "template", label: text("askEachTime") },
    ...WORDS.map((value) => ({ value: value as string, label: text(value) })),
    { value: "days", label: text("days") },
  ];
  return (
    <>
      <Select label={text("templateBase")} data={builtIn} allowDeselect={false} {...form.getInputProps("base")} />
      {form.values.base === String(BATCH) ? (
        <BatchSelect
          placeholder={text("askEachTime")}
          clearable
          value={form.values.batch}
          onChange={(chosen) => form.setFieldValue("batch", chosen)}
        />
      ) : (
        <Select label={text("period")} data={periods} allowDeselect={false} {...form.getInputProps("period")} />
      )}
      {form.values.base === String(SHIFT) && (
        <WorkCenterSelect placeholder={text("everyCenter")} clearable {...form.getInputProps("center")} />
      )}
      {form.values.base !== String(BATCH) && form.values.period === "days" && (
        <PeriodInput label={text("daysLabel")} withAsterisk {...form.getInputProps("days")} />
      )}
    </>
  );
}

/** A function that makes the template, once, or replaces it. */
function useSave(current: Tagged<Template> | undefined) {
  const post = useIdempotentPost();
  return (body: Schema<"TemplateWrite">) => {
    if (!current) return post(body, (headers) => client.POST("/api/v1/templates", { body, headers }));
    const params = { path: { template_id: current.data.id }, header: { "If-Match": current.etag } };
    return client.PUT("/api/v1/templates/{template_id}", { params, body });
  };
}
