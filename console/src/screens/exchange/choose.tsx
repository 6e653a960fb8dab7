/** The choice of a file, and the format of files that can be imported. */
import { Accordion, Alert, Code, Group, List, Stack, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import "@mantine/dropzone/styles.layer.css";
import { IconFileSpreadsheet } from "@tabler/icons-react";
import { useState } from "react";
import { Download } from "../../ui/download";
import { OPTIONAL, REQUIRED } from "./columns";
import { type Chosen, choose, refusal } from "./sending";
import { useText } from "./texts";

/** An area to drop a file on, or to choose it by click or key. */
export function Choose({ label, onChosen }: { readonly label: string; readonly onChosen: (chosen: Chosen) => void }) {
  const text = useText();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const take = async ([file]: File[]) => {
    if (!file) return;
    const reason = refusal(file);
    setRefused(reason && text(reason, { name: file.name }));
    if (reason) return;
    setBusy(true);
    try {
      onChosen(await choose(file));
    } catch {
      setRefused(text("unreadable", { name: file.name })); // it is gone, or kept from the browser
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="xs">
      <Dropzone
        onDrop={(files) => void take(files)}
        onReject={(rejected) => void take(rejected.map(({ file }) => file))}
        multiple={false}
        loading={busy}
        aria-label={label}
        inputProps={{ "aria-label": label, accept: ".xlsx,.xlsm,.xls,.ods,.csv,.txt,.tsv" }}
      >
        <Group justify="center" gap="md" mih={110} wrap="nowrap">
          <IconFileSpreadsheet size={44} stroke={1.2} aria-hidden />
          <div>
            <Text fw={600}>{label}</Text>
            <Text size="sm" c="dimmed">
              {text("dropHint")}
            </Text>
          </div>
        </Group>
      </Dropzone>
      {refused && (
        <Alert color="red" role="alert" title={text("notTaken")}>
          {refused}
        </Alert>
      )}
    </Stack>
  );
}

/** The columns of a file in words, and a template to fill in. */
export function Columns() {
  const text = useText();
  return (
    <Stack gap="xs">
      <Group>
        <Download size="xs" path="/api/batches/import/template?format=xlsx" name={text("sampleName")}>
          {text("sample")}
        </Download>
        <Text size="sm" c="dimmed">
          {text("sampleHint")}
        </Text>
      </Group>
      <Accordion variant="contained" order={2}>
        <Accordion.Item value="columns">
          <Accordion.Control>{text("whichColumns")}</Accordion.Control>
          <Accordion.Panel>
            <Named title={text("required")} names={REQUIRED} />
            <Named title={text("optional")} names={OPTIONAL} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}

function Named({ title, names }: { readonly title: string; readonly names: readonly (keyof typeof ABOUT)[] }) {
  const text = useText();
  return (
    <>
      <Text fw={600} size="sm" mt="xs">
        {title}
      </Text>
      <List size="sm" spacing={4}>
        {names.map((name) => (
          <List.Item key={name}>
            <Code>{name}</Code> {text(ABOUT[name])}
          </List.Item>
        ))}
      </List>
    </>
  );
}

/** What each column holds, as the key of a text. */
const ABOUT = {
  batch_number: "col_batch_number",
  batch_date: "col_batch_date",
  nomenclature: "col_nomenclature",
  ekn_code: "col_ekn_code",
  shift: "col_shift",
  team: "col_team",
  task_description: "col_task_description",
  shift_start: "col_shift_start",
  shift_end: "col_shift_end",
  work_center_identifier: "col_work_center_identifier",
  work_center_name: "col_work_center_name",
  planned_quantity: "col_planned_quantity",
  products: "col_products",
  is_closed: "col_is_closed",
  closed_at: "col_closed_at",
} as const;
