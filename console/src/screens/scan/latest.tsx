import { Badge, Group, Stack, Table, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useFormat } from "../../i18n/format";
import { Code } from "../../ui/shown-code";
import type { Scan, ScanState } from "./queue";
import classes from "./scan.module.css";
import { useText } from "./texts";

const SHOWN = 12;
const COLORS = { waiting: "gray", accepted: "teal", present: "orange", refused: "red", undone: "gray" } as const;

/** The last scan, to be seen from two metres: its colour and its words say what became of it. */
export function Panel({ scan, isClosed }: { readonly scan: Scan | undefined; readonly isClosed: boolean }) {
  const text = useText();
  if (isClosed && scan?.state !== "refused") return <Large state="closed">{text("closedHint")}</Large>;
  if (!scan) return <Large state="ready">{text("readyHint")}</Large>;
  return (
    <Large state={scan.state}>
      <Code className={classes.code ?? ""}>{scan.code}</Code>
      {scan.reason && scan.state === "refused" && <Text fz="lg">{scan.reason}</Text>}
    </Large>
  );
}

function Large({ state, children }: { readonly state: ScanState | "ready" | "closed"; readonly children: ReactNode }) {
  const text = useText();
  return (
    <Stack className={classes.panel ?? ""} data-state={state} justify="center" gap="xs" role="status">
      <Text fz={{ base: 28, sm: 40 }} fw={700} lh={1.1}>
        {text(state)}
      </Text>
      <div>{children}</div>
    </Stack>
  );
}

/** The codes of before, newest first. */
export function Latest({ scans }: { readonly scans: readonly Scan[] }) {
  const text = useText();
  const { clock } = useFormat();
  const shown = scans.slice(-SHOWN).reverse();
  if (shown.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {text("last")}
      </Title>
      <Table aria-label={text("last")} verticalSpacing="sm">
        <Table.Tbody>
          {shown.map((scan) => (
            <Table.Tr key={scan.key}>
              <Table.Td w={70}>{clock(new Date(scan.at).toISOString())}</Table.Td>
              <Table.Td className={classes.code ?? ""} fz="md">
                <Code>{scan.code}</Code>
              </Table.Td>
              <Table.Td>
                <Group gap="xs">
                  <Badge color={COLORS[scan.state]} variant="light" tt="none" size="lg">
                    {text(scan.state)}
                  </Badge>
                  {scan.state === "refused" && <Text size="sm">{scan.reason}</Text>}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
