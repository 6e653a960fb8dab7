/** The preview of a chosen file, before it is sent. */
import { Alert, Card, Code, Group, ScrollArea, Stack, Table, Text, Title } from "@mantine/core";
import { IconFileSpreadsheet } from "@tabler/icons-react";
import { useFormat } from "../../i18n/format";
import { findings } from "./columns";
import type { Sheet } from "./reading";
import type { Chosen } from "./sending";
import { useText } from "./texts";

const SHOWN = 10;

export function Preview({ chosen }: { readonly chosen: Chosen }) {
  const text = useText();
  const { bytes } = useFormat();
  const { file, sheet } = chosen;
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Group gap="xs">
          <IconFileSpreadsheet size={22} stroke={1.4} aria-hidden />
          <Title order={2} size="h4" style={{ overflowWrap: "anywhere" }}>
            {file.name}
          </Title>
          <Text size="sm" c="dimmed">
            {[
              bytes(file.size),
              sheet && text("rowCount", { count: sheet.total }),
              sheet && text("columnCount", { count: sheet.header.length }),
              sheet?.encoding,
            ]
              .filter(Boolean)
              .join(" · ")}
          </Text>
        </Group>
        {sheet ? <Looked sheet={sheet} /> : <Text size="sm">{text("noPreview")}</Text>}
      </Stack>
    </Card>
  );
}

function Looked({ sheet }: { readonly sheet: Sheet }) {
  const text = useText();
  const { missing, unknown } = findings(sheet.header);
  return (
    <>
      {missing.length > 0 && (
        <Alert color="orange" title={text("missing")} role="alert">
          <Names names={missing} />
        </Alert>
      )}
      {unknown.length > 0 && (
        <Alert color="gray" title={text("unknown")}>
          <Names names={unknown} />
        </Alert>
      )}
      <FirstRows sheet={sheet} />
    </>
  );
}

function Names({ names }: { readonly names: readonly string[] }) {
  return (
    <Group gap={6}>
      {names.map((name) => (
        <Code key={name}>{name}</Code>
      ))}
    </Group>
  );
}

function FirstRows({ sheet }: { readonly sheet: Sheet }) {
  const text = useText();
  const rows = sheet.rows.slice(0, SHOWN);
  return (
    <>
      <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": text("firstRows") }}>
        <Table
          striped
          withTableBorder
          fz="xs"
          verticalSpacing={4}
          data={{
            head: [text("rowNumber"), ...sheet.header.map((name) => name || text("noName"))],
            body: rows.map((row, number) => [number + 1, ...sheet.header.map((_, index) => cell(row[index] ?? ""))]),
          }}
        />
      </ScrollArea>
      <Text size="sm" c="dimmed">
        {sheet.total > SHOWN && `${text("firstOf", { shown: SHOWN, count: sheet.total })} `}
        {text("numbering")}
      </Text>
    </>
  );
}

const cell = (text: string) => (
  <Text size="xs" maw={220} truncate title={text}>
    {text}
  </Text>
);
