/** How a subscription goes, and why not: in a word, and in plain words with what to do. */
import { Alert, Code, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Status, type Tone } from "../../ui/status";
import { Time } from "../../ui/time";
import { useCauseText } from "./cause-texts";
import type { Subscription } from "./data";
import { type Cause, causeOf, type State, stateOf, statusIn, troubleOf } from "./diagnosis";
import { useText } from "./texts";

const MOODS: Record<State, Tone> = {
  switchedOff: "bad",
  paused: "ended",
  circuit: "bad",
  failing: "bad",
  undelivered: "warning",
  sending: "running",
  fine: "good",
  unused: "waiting",
};

/** The state of a subscription in a word. */
export function StateBadge({ of }: { readonly of: Subscription }) {
  const text = useText();
  const state = stateOf(of);
  const words = {
    ...{ switchedOff: text("switchedOff"), paused: text("pausedState"), circuit: text("circuitState") },
    ...{ failing: text("failing"), undelivered: text("undelivered"), sending: text("sending") },
    ...{ fine: text("fine"), unused: text("unused") },
  };
  return <Status tone={MOODS[state]}>{words[state]}</Status>;
}

/** An error in words, with the status of the response. */
export function Why({ error }: { readonly error: string | null }) {
  const text = useCauseText();
  const cause = causeOf(error);
  const status = statusIn(error);
  if (!cause) return <>—</>;
  return (
    <Text span inherit title={error ?? undefined}>
      {text(cause)}
      {status && (
        <Text span inherit c="dimmed">
          {` (${status})`}
        </Text>
      )}
    </Text>
  );
}

/** A cause, a hint, and the response of the server. */
export function Explained({
  cause,
  error,
  children,
}: {
  readonly cause: Cause;
  readonly error: string | null;
  readonly children?: ReactNode;
}) {
  const text = useText();
  const causes = useCauseText();
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={causes(cause)}>
      <Stack gap="xs">
        <Text size="sm">{causes(`${cause}Hint`)}</Text>
        {error && (
          <Text size="xs" style={{ overflowWrap: "anywhere" }}>
            {text("ownWords")}: <Code>{error}</Code>
          </Text>
        )}
        {children}
      </Stack>
    </Alert>
  );
}

/** Why a subscription gets nothing now; nothing where it does. */
export function Trouble({ of, actions }: { readonly of: Subscription; readonly actions?: ReactNode }) {
  const text = useText();
  const causes = useCauseText();
  const cause = troubleOf(of);
  const { circuit, circuit_retry_at, last_error } = of.health;
  if (!cause) return null;
  return (
    <Explained cause={cause} error={of.is_active ? last_error : (of.disabled_reason ?? last_error)}>
      {circuit !== "closed" && cause !== "circuit" && (
        <Text size="sm">{causes(circuit === "open" ? "circuitHint" : "halfOpenHint")}</Text>
      )}
      {circuit_retry_at && (
        <Text size="sm">
          {text("nextProbe")} <Time value={circuit_retry_at} ago />
        </Text>
      )}
      {actions && <Group gap="xs">{actions}</Group>}
    </Explained>
  );
}
