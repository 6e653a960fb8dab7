/** The form of a new defect; on a phone it fills the screen and optional fields are folded. */
import { Button, Collapse, Group, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure, useLocalStorage } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { client, requireBody } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useMay } from "../../app/session";
import { DayInput } from "../../ui/dates";
import { notifySuccess } from "../../ui/notify";
import { Failure } from "../../ui/state";
import { Assignee } from "./assign";
import { useIsPhone, useRefresh } from "./data";
import { SiteSelect } from "./site-select";
import { useText } from "./texts";
import { faultOf, TitleField } from "./title-field";
import { Chooser, Uploads, useUploads } from "./uploads";
import { type Defect, SEVERITIES, type Severity } from "./words";

const LAST_SITE = "shopfloor.site"; // an engineer stays on one site for a day

interface Props {
  readonly site?: string | undefined;
  readonly onClose: () => void;
}

/** A dialog that notes a defect with its photos. */
export function NewDefect({ site, onClose }: Props) {
  const text = useText();
  const isPhone = useIsPhone();
  const [made, setMade] = useState<Defect>();
  return (
    <Modal
      opened
      onClose={onClose}
      title={made ? text("made", { number: made.number }) : text("newDefect")}
      fullScreen={isPhone}
      size="lg"
      closeOnClickOutside={false}
    >
      <Form site={site} made={made} onMade={setMade} onClose={onClose} />
    </Modal>
  );
}

interface Values {
  readonly site_id: string;
  readonly title: string;
  readonly location: string;
  readonly description: string;
  readonly severity: Severity;
  readonly assignee_id: string | null;
  readonly due_date: string | null;
}

const blank = (site_id: string): Values => ({
  site_id,
  title: "",
  location: "",
  description: "",
  severity: "medium",
  assignee_id: null,
  due_date: null,
});

/** The form of a new defect; by default on the site of the last one. */
function useFields(site: string | undefined) {
  const text = useText();
  const [last, setLast] = useLocalStorage({ key: LAST_SITE, defaultValue: "", getInitialValueInEffect: false });
  const textOf = (fault: ReturnType<typeof faultOf>) => fault && text(fault);
  const form = useForm({
    initialValues: blank(site ?? last),
    validate: {
      site_id: (value) => (value ? null : text("required")),
      title: (value) => textOf(faultOf(value)),
    },
  });
  return { form, setLast };
}

interface FormProps extends Props {
  readonly made: Defect | undefined;
  readonly onMade: (defect: Defect) => void;
}

function Form({ site, made, onMade, onClose }: FormProps) {
  const text = useText();
  const refresh = useRefresh();
  const files = useUploads();
  const { form, setLast } = useFields(site);
  const end = (defect: Defect) => {
    notifySuccess(text("made", { number: defect.number }));
    onClose();
  };
  const noting = useNoting(async (defect, values) => {
    setLast(values.site_id);
    const arrived = await files.send(defect.id, files.uploads);
    await refresh();
    if (arrived) end(defect);
    else onMade(defect);
  });
  if (made) return <Left defect={made} files={files} onEnd={() => end(made)} />;
  return (
    <form onSubmit={form.onSubmit((values) => noting.mutate(values))}>
      <Stack gap="sm">
        <SiteSelect
          value={form.values.site_id || undefined}
          onChange={(id) => form.setFieldValue("site_id", id ?? "")}
          error={form.errors.site_id}
          activeOnly
        />
        <TitleField value={form.values.title} {...form.getInputProps("title")} />
        <Chooser onFiles={files.add} />
        <Uploads uploads={files.uploads} onDrop={files.drop} />
        <TextInput label={text("location")} placeholder={text("locationHint")} {...form.getInputProps("location")} />
        <More form={form} />
        {noting.error && <Failure error={noting.error} />}
        <Button type="submit" size="md" loading={noting.isPending}>
          {text("create")}
        </Button>
      </Stack>
    </form>
  );
}

/** The defect is noted, some of its files did not arrive. */
function Left(props: {
  readonly defect: Defect;
  readonly files: ReturnType<typeof useUploads>;
  readonly onEnd: () => void;
}) {
  const text = useText();
  const { uploads, send, drop } = props.files;
  const again = async (these: typeof uploads) => {
    const arrived = await send(props.defect.id, these);
    if (arrived && these.length === uploads.length) props.onEnd();
  };
  return (
    <Stack>
      <Uploads uploads={uploads} onAgain={(upload) => void again([upload])} onDrop={drop} />
      <Group justify="flex-end">
        <Button
          variant="default"
          renderRoot={(link) => <Link to="/construction/defects/$id" params={{ id: props.defect.id }} {...link} />}
        >
          {text("openIt")}
        </Button>
        {uploads.length > 0 && <Button onClick={() => void again(uploads)}>{text("again")}</Button>}
      </Group>
    </Stack>
  );
}

/** Make the defect once, however often the button is pressed; `then` sends its files. */
function useNoting(then: (defect: Defect, values: Values) => Promise<void>) {
  const post = useIdempotentPost();
  return useMutation({
    mutationFn: async (values: Values) => {
      const body = {
        ...values,
        location: values.location.trim() || null,
        description: values.description.trim() || null,
      };
      const answer = await post(body, (headers) => client.POST("/api/v1/defects", { body, headers }));
      await then(requireBody(answer.data), values);
    },
  });
}

function More({ form }: { readonly form: ReturnType<typeof useFields>["form"] }) {
  const text = useText();
  const may = useMay();
  const isPhone = useIsPhone();
  const [opened, { toggle }] = useDisclosure();
  const manages =
    may("PUT /api/v1/defects/{defect_id}/assignee") === "yes" && may("POST /api/v1/defects/assign") === "yes";
  return (
    <>
      <div>
        <Text size="sm" fw={500} id="severity-of-new">
          {text("severity")}
        </Text>
        <SegmentedControl
          aria-labelledby="severity-of-new"
          fullWidth
          orientation={isPhone ? "vertical" : "horizontal"}
          data={SEVERITIES.map((value) => ({ value, label: text(value) }))}
          {...form.getInputProps("severity")}
        />
      </div>
      <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={opened} mr="auto">
        {text("more")}
      </Button>
      <Collapse expanded={opened}>
        {opened && (
          <Stack gap="sm">
            <Textarea label={text("description")} autosize minRows={3} {...form.getInputProps("description")} />
            {manages && (
              <Assignee
                value={form.values.assignee_id}
                onChange={(id) => form.setFieldValue("assignee_id", id)}
                clearable
              />
            )}
            <DayInput
              label={text("due")}
              value={form.values.due_date}
              onChange={(day) => form.setFieldValue("due_date", day)}
              clearable
            />
          </Stack>
        )}
      </Collapse>
    </>
  );
}
