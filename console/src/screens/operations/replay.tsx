/** Making failed operations again in bulk: a choice, a preview, a confirmation, a result. */
import {
  Alert,
  Button,
  Group,
  List,
  Modal,
  Progress,
  ScrollArea,
  SegmentedControl,
  Select,
  Stack,
  Text,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconRepeat } from "@tabler/icons-react";
import { useState } from "react";
import { useFormat } from "../../i18n/format";
import { MomentInput } from "../../ui/dates";
import { Failure, Nothing } from "../../ui/state";
import { Time } from "../../ui/time";
import { useTypeName } from "./parts";
import { useText } from "./replay-texts";
import { type Choice, COUNTED, type Sum, useReplay } from "./replaying";
import { keyOf, TYPES } from "./rules";

export function Replay() {
  const text = useText();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconRepeat size={16} aria-hidden />} onClick={open}>
        {text("open")}
      </Button>
      <Modal opened={opened} onClose={close} title={text("title")} size="lg" closeOnClickOutside={false}>
        <Steps onClose={close} />
      </Modal>
    </>
  );
}

function Steps({ onClose }: { readonly onClose: () => void }) {
  const [choice, setChoice] = useState<Choice>({ kind: "deferred" });
  const replay = useReplay();
  const { stage, found, made, error } = replay;
  switch (stage) {
    case "choosing":
    case "looking":
      return (
        <Choosing
          choice={choice}
          onChange={setChoice}
          looking={stage === "looking" ? found : undefined}
          error={error}
          onPreview={() => void replay.look(choice)}
        />
      );
    case "preview":
      return <Preview found={found} onBack={replay.again} onRun={() => void replay.run(choice)} />;
    default:
      return (
        <Stack>
          <Running
            {...{ stage, found, made }}
            error={error}
            onStop={replay.stop}
            onGoOn={() => void replay.run(choice)}
            onClose={onClose}
          />
        </Stack>
      );
  }
}

function Choosing({
  choice,
  onChange,
  looking,
  error,
  onPreview,
}: {
  readonly choice: Choice;
  readonly onChange: (choice: Choice) => void;
  readonly looking: Sum | undefined;
  readonly error: unknown;
  readonly onPreview: () => void;
}) {
  const text = useText();
  const typeName = useTypeName();
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {text("hint")}
      </Text>
      <SegmentedControl
        aria-label={text("what")}
        value={choice.kind}
        onChange={(kind) => onChange({ ...choice, kind: kind === "saga" ? "saga" : "deferred", type: null })}
        data={[
          { value: "deferred", label: text("deferred") },
          { value: "saga", label: text("saga") },
        ]}
      />
      {choice.kind === "deferred" && (
        <Select
          label={text("type")}
          placeholder={text("anyType")}
          data={TYPES.deferred.map((type) => ({ value: type, label: typeName(type) }))}
          value={choice.type ?? null}
          onChange={(type) => onChange({ ...choice, type })}
          clearable
        />
      )}
      <Group grow align="flex-start">
        <MomentInput
          label={text("from")}
          value={choice.failed_from ?? null}
          onChange={(failed_from) => onChange({ ...choice, failed_from })}
          clearable
        />
        <MomentInput
          label={text("to")}
          value={choice.failed_to ?? null}
          onChange={(failed_to) => onChange({ ...choice, failed_to })}
          clearable
        />
      </Group>
      {error !== undefined && <Failure error={error} again={onPreview} />}
      {looking && (
        <Text size="sm" role="status">
          {text("looking", { count: looking.matched })}
        </Text>
      )}
      <Button ml="auto" loading={looking !== undefined} onClick={onPreview}>
        {text("preview")}
      </Button>
    </Stack>
  );
}

function Preview({
  found,
  onBack,
  onRun,
}: {
  readonly found: Sum;
  readonly onBack: () => void;
  readonly onRun: () => void;
}) {
  const text = useText();
  const { number } = useFormat();
  const back = (
    <Button variant="default" onClick={onBack}>
      {text("back")}
    </Button>
  );
  if (found.matched === 0) return <Nothing action={back}>{text("none")}</Nothing>;
  return (
    <Stack>
      <Text fw={600} role="status">
        {found.cursor ? text("foundMore", { number: number(COUNTED) }) : text("found", { count: found.matched })}
      </Text>
      <Found found={found} />
      <Text size="sm" c="dimmed">
        {text("quota")}
      </Text>
      <Group justify="flex-end">
        {back}
        <Button leftSection={<IconRepeat size={16} aria-hidden />} onClick={onRun} data-autofocus>
          {text("run")}
        </Button>
      </Group>
    </Stack>
  );
}

function Found({ found }: { readonly found: Sum }) {
  const text = useText();
  return (
    <>
      {found.items.length < found.matched && <Text size="sm">{text("first", { count: found.items.length })}</Text>}
      <ScrollArea.Autosize
        mah={320}
        type="auto"
        viewportProps={{ tabIndex: 0, "aria-label": text("what"), role: "group" }}
      >
        <List size="sm" spacing="xs" listStyleType="none">
          {found.items.map((operation) => (
            <List.Item key={keyOf(operation)}>
              {operation.title} · <Time value={operation.completed_at} />
              {operation.error && (
                <Text size="xs" c="red" style={{ overflowWrap: "anywhere" }}>
                  {operation.error}
                </Text>
              )}
            </List.Item>
          ))}
        </List>
      </ScrollArea.Autosize>
    </>
  );
}

function Running({
  stage,
  found,
  made,
  error,
  onStop,
  onGoOn,
  onClose,
}: {
  readonly stage: "running" | "stopped" | "over";
  readonly found: Sum;
  readonly made: Sum;
  readonly error: unknown;
  readonly onStop: () => void;
  readonly onGoOn: () => void;
  readonly onClose: () => void;
}) {
  const text = useText();
  const { number } = useFormat();
  const total = found.cursor ? `> ${number(COUNTED)}` : number(found.matched);
  const words =
    stage === "over" ? text("made", { count: made.replayed }) : text("running", { done: number(made.replayed), total });
  return (
    <>
      <Progress
        value={stage === "over" ? 100 : Math.min(99, (100 * made.matched) / Math.max(1, found.matched))}
        animated={stage === "running"}
        aria-label={words}
        size="lg"
      />
      <Text role="status" fw={600}>
        {words}
      </Text>
      {error !== undefined && <Failure error={error} />}
      {made.skipped.length > 0 && <Skipped skipped={made.skipped} />}
      <Group justify="flex-end">
        {stage === "running" && (
          <Button variant="default" onClick={onStop}>
            {text("stop")}
          </Button>
        )}
        {stage === "stopped" && <Button onClick={onGoOn}>{text("goOn")}</Button>}
        {stage !== "running" && (
          <Button variant="default" onClick={onClose}>
            {text("close")}
          </Button>
        )}
      </Group>
    </>
  );
}

function Skipped({ skipped }: { readonly skipped: Sum["skipped"] }) {
  const text = useText();
  const reasons = new Map<string, number>();
  for (const { reason } of skipped) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return (
    <Alert color="orange" title={text("skipped", { count: skipped.length })}>
      <List size="sm">
        {[...reasons].map(([reason, count]) => (
          <List.Item key={reason}>
            {reason} ({count})
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
