/** Components shared by the list and the panel of an operation. */
import { Group, Progress, Text, ThemeIcon } from "@mantine/core";
import { IconCalendarRepeat, IconClock, IconFileImport, IconHourglass, IconReportAnalytics } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useFormat } from "../../i18n/format";
import { Status, type Tone } from "../../ui/status";
import { Time } from "../../ui/time";
import { type Kind, type Operation, type State, TYPES } from "./rules";
import { useText } from "./texts";
import { Until } from "./until";

/** From this width on the list shows all its columns. */
export const WIDE = "(min-width: 62em)";
/** From this width on it shows more than a phone has room for. */
export const MEDIUM = "(min-width: 48em)";

const MOODS: Record<State, Tone> = {
  waiting: "waiting",
  running: "running",
  done: "good",
  failed: "bad",
  cancelled: "ended",
  paused: "warning",
};
const ICONS: Record<Kind, typeof IconClock> = {
  background: IconFileImport,
  deferred: IconClock,
  schedule: IconCalendarRepeat,
  long: IconHourglass,
  saga: IconReportAnalytics,
};
const OWN_TYPES = Object.values(TYPES).flat();

export function StateOf({ status }: { readonly status: State }) {
  const text = useText();
  return <Status tone={MOODS[status]}>{text(status)}</Status>;
}

/** The kind of an operation as a picture; the words stand beside it. */
export function KindIcon({ kind }: { readonly kind: Kind }) {
  const Icon = ICONS[kind];
  return (
    <ThemeIcon variant="light" color="gray" size="md">
      <Icon size={16} aria-hidden />
    </ThemeIcon>
  );
}

/** A function that returns the name of a type of operations; custom types are their own names. */
export function useTypeName() {
  const text = useText();
  return (type: string) => {
    const known = OWN_TYPES.find((one) => one === type);
    return known ? text(known) : type;
  };
}

/** How far it is, where its kind counts that. */
export function Progressed({ operation: { progress, status } }: { readonly operation: Operation }) {
  const text = useText();
  const { number } = useFormat();
  if (!progress || status === "done") return null;
  const words = text("progress", { done: number(progress.done), total: number(progress.total) });
  return (
    <div>
      <Progress
        value={progress.percent}
        animated={status === "running"}
        color={status === "failed" || status === "cancelled" ? "gray" : "blue"}
        aria-label={words}
        size="sm"
      />
      <Text size="xs" c="dimmed">
        {words}
      </Text>
    </div>
  );
}

/** The relevant time: the next start of a waiting operation, else its end, else its creation. */
export function When({ operation }: { readonly operation: Operation }) {
  const text = useText();
  const { next_attempt_at: next, completed_at: ended, created_at: created } = operation;
  const [name, value] = next
    ? [text("next"), <Until key="next" value={next} />]
    : ended
      ? [text("ended"), <Time key="ended" value={ended} ago />]
      : [text("created"), <Time key="created" value={created} ago />];
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      {value}
    </div>
  );
}

/** How often it was started, and of how often at most. */
export function Attempts({ operation: { attempts, max_attempts: most } }: { readonly operation: Operation }) {
  const text = useText();
  if (attempts === null) return <>—</>;
  return <>{most === null ? attempts : text("attemptsOf", { done: attempts, total: most })}</>;
}

/** Whose it is. */
export function Owner({ operation: { owner_id, owner_name } }: { readonly operation: Operation }) {
  const text = useText();
  return <>{owner_name ?? text("ofUser", { number: owner_id })}</>;
}

/** An icon and lines: a name, what it is, and what went wrong with it. */
export function Named({
  kind,
  name,
  what,
  error,
}: {
  readonly kind: Kind;
  readonly name: ReactNode;
  readonly what: ReactNode;
  readonly error?: string | null;
}) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <KindIcon kind={kind} />
      <div style={{ minWidth: 0 }}>
        {name}
        <Text component="div" size="xs" c="dimmed">
          {what}
        </Text>
        {error && (
          <Text size="xs" c="red" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
            {error}
          </Text>
        )}
      </div>
    </Group>
  );
}
