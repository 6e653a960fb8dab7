/** The defects as a board: a column for each status. Cards are dragged, or moved by their menu, where the API allows it. */
import {
  type Announcements,
  DndContext,
  DragOverlay,
  MouseSensor,
  TouchSensor,
  useDroppable,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { Anchor, Badge, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useList } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Failure } from "../../ui/state";
import { useText as useCommon } from "../../ui/texts";
import classes from "./board.module.css";
import { CardFace, DefectTile } from "./card";
import { useSiteNames } from "./data";
import { useSteps } from "./move";
import { type Address, filtersOf } from "./query";
import { type Say, useText } from "./texts";
import { type Defect, isStatus, STATUSES, type Status, type Step, steps } from "./words";

const STEP = 20;
const MOST = 100;

export function Board({ given }: { readonly given: Address }) {
  const text = useText();
  const [held, setHeld] = useState<Defect>();
  const { start, dialog, moving } = useSteps();
  const mouse = useSensor(MouseSensor, { activationConstraint: { distance: 6 } });
  const touch = useSensor(TouchSensor, { activationConstraint: { delay: 250, tolerance: 8 } });
  const sensors = useSensors(mouse, touch);
  const nameOf = useSiteNames(held ? [held.site_id] : []);
  const drop = (to: unknown) => {
    setHeld(undefined);
    const step = held && steps(held).find((one) => one.to === to);
    if (held && step) start(held, step);
  };
  return (
    <DndContext
      sensors={sensors}
      onDragStart={({ active }) => setHeld(active.data.current as Defect)}
      onDragEnd={({ over }) => drop(over?.id)}
      onDragCancel={() => setHeld(undefined)}
      accessibility={{
        announcements: announcements(text),
        screenReaderInstructions: { draggable: text("boardHint") },
      }}
    >
      <Text size="sm" c="dimmed">
        {text("boardHint")}
      </Text>
      <div className={classes.board}>
        {STATUSES.map((status) => (
          <Column key={status} status={status} given={given} held={held} moving={moving} onStep={start} />
        ))}
      </div>
      <DragOverlay dropAnimation={null}>{held && <CardFace of={held} site={nameOf(held.site_id)} />}</DragOverlay>
      {dialog}
    </DndContext>
  );
}

function announcements(text: Say): Announcements {
  const number = (data: unknown) => (data as Defect | undefined)?.number;
  const over = (id: unknown) => (isStatus(id) ? text("over", { column: text(id) }) : text("overNothing"));
  return {
    onDragStart: ({ active }) => text("dragged", { number: number(active.data.current) }),
    onDragOver: ({ over: target }) => over(target?.id),
    onDragEnd: ({ active }) => text("dropped", { number: number(active.data.current) }),
    onDragCancel: ({ active }) => text("dropped", { number: number(active.data.current) }),
  };
}

interface ColumnProps {
  readonly status: Status;
  readonly given: Address;
  readonly held: Defect | undefined;
  readonly moving: { readonly defect: Defect; readonly to: Status } | undefined;
  readonly onStep: (defect: Defect, step: Step) => void;
}

function Column({ status, given, held, moving, onStep }: ColumnProps) {
  const text = useText();
  const format = useFormat();
  const [limit, setLimit] = useState(STEP);
  const params = { query: { ...filtersOf({ ...given, status }), limit, sort_field: "updated_at" } as const };
  const query = useList("/api/v1/defects", params);
  const { setNodeRef, isOver } = useDroppable({ id: status });
  const takes = held !== undefined && steps(held).some((step) => step.to === status);
  const items = (query.data?.items ?? []).filter((defect) => defect.id !== moving?.defect.id);
  const shown = moving?.to === status ? [moving.defect, ...items] : items;
  const look = held === undefined ? undefined : takes ? "takes" : "refuses";
  return (
    <section
      ref={setNodeRef}
      className={classes.column}
      data-status={status}
      data-look={look}
      data-over={(isOver && takes) || undefined}
      aria-label={text(status)}
    >
      <Group justify="space-between" wrap="nowrap" mb="xs">
        <Title order={2} size="h5">
          {text(status)}
        </Title>
        <Badge variant="light" color="gray" circle={(query.data?.total ?? 0) < 10}>
          {format.number(query.data?.total)}
        </Badge>
      </Group>
      {query.error && <Failure error={query.error} again={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={90} />}
      <Cards items={shown} moving={moving?.defect.id} onStep={onStep} />
      {query.data?.total === 0 && shown.length === 0 && (
        <Text size="sm" c="dimmed" ta="center" p="md">
          {text("empty")}
        </Text>
      )}
      <Rest
        total={query.data?.total ?? 0}
        limit={limit}
        busy={query.isPlaceholderData}
        given={{ ...given, status }}
        onMore={() => setLimit(limit + STEP)}
      />
    </section>
  );
}

function Cards(props: {
  readonly items: readonly Defect[];
  readonly moving: string | undefined;
  readonly onStep: (defect: Defect, step: Step) => void;
}) {
  const nameOf = useSiteNames(props.items.map((defect) => defect.site_id));
  return (
    <Stack gap="xs">
      {props.items.map((defect) => (
        <DefectTile
          key={defect.id}
          of={defect}
          site={nameOf(defect.site_id)}
          busy={props.moving === defect.id}
          onStep={(step) => props.onStep(defect, step)}
        />
      ))}
    </Stack>
  );
}

/** The rest of a column: more cards on demand, then a link to the table. */
function Rest(props: {
  readonly total: number;
  readonly limit: number;
  readonly busy: boolean;
  readonly given: Address;
  readonly onMore: () => void;
}) {
  const text = useText();
  const common = useCommon();
  if (props.total <= props.limit) return null;
  if (props.limit < MOST)
    return (
      <Button variant="subtle" size="xs" fullWidth mt="xs" loading={props.busy} onClick={props.onMore}>
        {common("more")}
      </Button>
    );
  return (
    <Anchor
      size="sm"
      renderRoot={(link) => <Link to="/construction" search={{ ...props.given, view: "table" }} {...link} />}
    >
      {text("moreInTable")}
    </Anchor>
  );
}
