/** The labels of status, severity and due date. */
import { Badge, Group, Text } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { useFormat } from "../../i18n/format";
import { Status as State } from "../../ui/status";
import { useText } from "./texts";
import { type Defect, SEVERITY_COLOR, type Severity, STATUS_MOOD, type Status } from "./words";

/** The status of a defect in a word. */
export function StatusLabel({ of }: { readonly of: Status }) {
  const text = useText();
  return <State tone={STATUS_MOOD[of]}>{text(of)}</State>;
}

/** How grave a defect is. */
export function SeverityLabel({ of }: { readonly of: Severity }) {
  const text = useText();
  return (
    <Badge color={SEVERITY_COLOR[of]} variant="dot" tt="none" miw="max-content">
      {text(of)}
    </Badge>
  );
}

/** Until when it is to be fixed; red, with a sign and a word, when that has passed. */
export function Due({ of }: { readonly of: Pick<Defect, "due_date" | "is_overdue"> }) {
  const text = useText();
  const format = useFormat();
  if (!of.is_overdue) return <Text inherit>{format.day(of.due_date)}</Text>;
  return (
    <Group gap={4} wrap="nowrap" c="red" role="img" aria-label={`${text("overdue")}: ${format.day(of.due_date)}`}>
      <IconClockExclamation size={16} style={{ flexShrink: 0 }} aria-hidden />
      <Text inherit>{format.day(of.due_date)}</Text>
    </Group>
  );
}
