import { Button, Group, Modal, Stack, Table, Text } from "@mantine/core";
import { useFormat } from "../../i18n/format";
import { differences } from "../../ui/merging";
import { useText as useUiText } from "../../ui/texts";
import { useBatchText } from "./batch-texts";
import { fieldsOf } from "./fields";
import type { Seen } from "./reading";
import { useLabels, useShow } from "./showing";
import { useText } from "./texts";

interface Props {
  readonly before: Seen;
  readonly now: Seen;
  readonly onCancel: () => void;
  readonly onGoOn: () => void;
}

/** The differences of a batch since the user saw it, with a question whether to continue. */
export function Changed({ before, now, onCancel, onGoOn }: Props) {
  const text = useBatchText();
  const titles = useText();
  const ui = useUiText();
  const { number } = useFormat();
  const labels = useLabels();
  const show = useShow();
  const old = fieldsOf(before.data);
  const rows = differences(old, old, fieldsOf(now.data)).map(({ name, mine, theirs }) => ({
    label: labels[name] ?? name,
    was: show(name, mine),
    is: show(name, theirs),
  }));
  const compare = (label: string, was: string, is: string) => was !== is && rows.push({ label, was, is });
  const state = ({ data }: Seen) => titles(data.is_closed ? "closed" : "open");
  compare(titles("state"), state(before), state(now));
  compare(titles("products"), number(before.data.products_total), number(now.data.products_total));
  compare(text("aggregatedCount"), number(before.data.aggregated_total), number(now.data.aggregated_total));
  return (
    <Modal opened onClose={onCancel} title={text("otherTitle")}>
      <Stack>
        <Text size="sm">{text("otherHint")}</Text>
        {rows.length === 0 ? (
          <Text size="sm">{text("otherNothing")}</Text>
        ) : (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{text("field")}</Table.Th>
                <Table.Th>{text("was")}</Table.Th>
                <Table.Th>{text("now")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.label}>
                  <Table.Td>{row.label}</Table.Td>
                  <Table.Td>{row.was}</Table.Td>
                  <Table.Td>{row.is}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {ui("cancel")}
          </Button>
          <Button onClick={onGoOn}>{text("goOn")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
