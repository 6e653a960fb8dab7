/** A defect on the board. */
import { useDraggable } from "@dnd-kit/core";
import { ActionIcon, Card, Group, Loader, Menu, Text } from "@mantine/core";
import { IconDotsVertical, IconMessage } from "@tabler/icons-react";
import classes from "./board.module.css";
import { DefectLink } from "./defects";
import { Due, SeverityLabel } from "./labels";
import { useText } from "./texts";
import { type Defect, type Step, steps } from "./words";

interface Props {
  readonly of: Defect;
  readonly site: string;
  readonly busy: boolean;
  readonly onStep: (step: Step) => void;
}

/** A card that can be dragged; the keyboard moves it by its menu. */
export function DefectTile({ of, site, busy, onStep }: Props) {
  const open = steps(of);
  const { setNodeRef, listeners, isDragging } = useDraggable({ id: of.id, data: of, disabled: open.length === 0 });
  return (
    <div
      ref={setNodeRef}
      {...listeners}
      className={classes.tile}
      data-defect={of.number}
      data-held={isDragging || undefined}
      data-movable={open.length > 0 || undefined}
    >
      <CardFace of={of} site={site} menu={<Moves of={of} open={open} busy={busy} onStep={onStep} />} />
    </div>
  );
}

/** What a card shows, on the board and under the pointer. */
export function CardFace(props: { readonly of: Defect; readonly site: string; readonly menu?: React.ReactNode }) {
  const text = useText();
  const { of } = props;
  return (
    <Card withBorder padding="xs" className={classes.face ?? ""}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap={4}>
        <Text component="div" size="sm" lineClamp={3}>
          <DefectLink of={of} />
        </Text>
        {props.menu}
      </Group>
      <Text size="xs" c="dimmed" lineClamp={2}>
        {[`№ ${of.number}`, props.site, of.location].filter(Boolean).join(" · ")}
      </Text>
      <Group gap={6} mt={6}>
        <SeverityLabel of={of.severity} />
        {of.due_date && (
          <Text component="div" size="xs">
            <Due of={of} />
          </Text>
        )}
        {of.comments > 0 && (
          <Group gap={2} c="dimmed" role="img" aria-label={text("comments", { count: of.comments })}>
            <IconMessage size={14} aria-hidden />
            <Text size="xs">{of.comments}</Text>
          </Group>
        )}
      </Group>
      {of.assignee && (
        <Text size="xs" mt={4}>
          {of.assignee.name}
        </Text>
      )}
    </Card>
  );
}

function Moves({ of, open, busy, onStep }: Omit<Props, "site"> & { readonly open: readonly Step[] }) {
  const text = useText();
  if (busy) return <Loader size="xs" />;
  if (open.length === 0) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={text("moveMenu", { number: of.number })}
          onMouseDown={(event) => event.stopPropagation()}
        >
          <IconDotsVertical size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onMouseDown={(event) => event.stopPropagation()}>
        {open.map((step) => (
          <Menu.Item key={step.to} onClick={() => onStep(step)}>
            {text(step.to === "assigned" && step.asks ? "assign" : `to_${step.to}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
