/** The form of a defect. */
import { Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { client, type Schema, withEtag } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { DayInput } from "../../ui/dates";
import { EditForm, useSaving, type Version } from "../../ui/merge";
import { notifySuccess } from "../../ui/notify";
import { useRefresh } from "./data";
import type { Tagged } from "./defect";
import { useText } from "./texts";
import { faultOf, TitleField } from "./title-field";
import { type Defect, isSeverity, SEVERITIES } from "./words";

type Values = Readonly<Record<string, unknown>> &
  Pick<Defect, "title" | "description" | "location" | "severity" | "due_date">;

const versionOf = ({ data, etag }: Tagged): Version<Values> => {
  const { title, description, location, severity, due_date } = data;
  return { etag, values: { title, description, location, severity, due_date } };
};

export function Edit({ of, onClose }: { readonly of: Tagged; readonly onClose: () => void }) {
  const text = useText();
  return (
    <Modal opened onClose={onClose} title={text("edit")} size="lg">
      <Form of={of} onClose={onClose} />
    </Modal>
  );
}

function useSave(id: string, onClose: () => void) {
  const text = useText();
  const refresh = useRefresh();
  const path = { defect_id: id };
  return useSaving<Values>({
    read: async () => versionOf(await withEtag(client.GET("/api/v1/defects/{defect_id}", { params: { path } }))),
    send: async (changes, etag) => {
      const params = { path, header: { "If-Match": etag } };
      // the type requires all fields; the API keeps absent ones
      await client.PATCH("/api/v1/defects/{defect_id}", { params, body: changes as Schema<"DefectPatch"> });
    },
    onSaved: () => {
      notifySuccess(text("saved"));
      onClose();
      void refresh();
    },
  });
}

/** How a value of a field is written. */
function useShown() {
  const text = useText();
  const format = useFormat();
  return (name: string | number, value: unknown) => {
    if (value === null || value === "") return text("none");
    if (name === "severity" && isSeverity(value)) return text(value);
    if (name === "due_date") return format.day(String(value));
    return String(value);
  };
}

function Form({ of, onClose }: { readonly of: Tagged; readonly onClose: () => void }) {
  const text = useText();
  const [base] = useState(() => versionOf(of)); // the version that the form starts from
  const saving = useSave(of.data.id, onClose);
  const { title, description, location, severity, due_date } = base.values;
  const textOf = (fault: ReturnType<typeof faultOf>) => fault && text(fault);
  const form = useForm({
    initialValues: { title, description, location: location ?? "", severity, due_date },
    validate: { title: (value) => textOf(faultOf(value)) },
  });
  const send = (values: typeof form.values) =>
    void saving.save(base, { ...values, title: values.title.trim(), location: values.location.trim() || null });
  return (
    <EditForm<Values>
      saving={saving}
      labels={{
        title: text("defect"),
        description: text("description"),
        location: text("location"),
        severity: text("severity"),
        due_date: text("due"),
      }}
      show={useShown()}
      onDiscard={onClose}
      onCancel={onClose}
      onSubmit={form.onSubmit(send)}
    >
      <TitleField value={form.values.title} {...form.getInputProps("title")} />
      <Textarea label={text("description")} autosize minRows={3} {...form.getInputProps("description")} />
      <TextInput label={text("location")} placeholder={text("locationHint")} {...form.getInputProps("location")} />
      <Select
        label={text("severity")}
        data={SEVERITIES.map((value) => ({ value, label: text(value) }))}
        allowDeselect={false}
        {...form.getInputProps("severity")}
      />
      {of.data.can_assign && <DayInput label={text("due")} clearable {...form.getInputProps("due_date")} />}
    </EditForm>
  );
}
