/** Forms that save with If-Match, and the choice between both versions when another user has saved first. */
import { Alert, Button, Card, Group, Radio, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import { type ComponentProps, type ReactNode, useState } from "react";
import { ApiError } from "../api/errors";
import { texts } from "../i18n";
import { type Choice, changed, type Difference, differences, merged, type Values } from "./merging";
import { Failure } from "./state";
import { Submit } from "./submit";
import { useText as useUiText } from "./texts";

const useText = texts(
  "merge",
  {
    title: "Пока вы правили, это изменил кто-то ещё",
    hint: "Выберите, какое значение сохранить в каждом поле. Остальное останется как есть.",
    mine: "Ваше значение",
    theirs: "Сейчас сохранено",
    unchanged: "вы это поле не меняли",
    choose: "Выберите значение",
    save: "Сохранить выбранное",
    discard: "Отказаться от своих правок",
  },
  {
    title: "Another user changed this while you were editing",
    hint: "Choose for each field which value to save. The rest stays as it is.",
    mine: "Your value",
    theirs: "Saved now",
    unchanged: "you did not change this field",
    choose: "Choose a value",
    save: "Save what I chose",
    discard: "Give up my changes",
  },
);

/** The values of a form, and the tag of the version they were read from. */
export interface Version<V extends Values> {
  readonly values: V;
  readonly etag: string;
}

interface Conflict<V extends Values> {
  readonly base: V;
  readonly mine: V;
  readonly theirs: Version<V>;
  readonly found: readonly Difference[];
}

/**
 * Saves what a form has changed against the version it was filled from. On 412 the current version is read: when the
 * fields of the form are the same there, they are saved again at once, else `conflict` is there for `EditForm`.
 */
export function useSaving<V extends Values>(options: {
  readonly read: () => Promise<Version<V>>;
  readonly send: (changes: Partial<V>, etag: string) => Promise<unknown>;
  readonly onSaved: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [conflict, setConflict] = useState<Conflict<V>>();

  const attempt = async (base: Version<V>, mine: V, attempts = 5): Promise<void> => {
    const changes = changed(base.values, mine);
    try {
      if (Object.keys(changes).length > 0) await options.send(changes, base.etag);
    } catch (refused) {
      if (!(refused instanceof ApiError && refused.status === 412) || attempts === 0) throw refused;
      const theirs = await options.read();
      const found = differences(base.values, mine, theirs.values);
      if (found.length > 0) return setConflict({ base: base.values, mine, theirs, found });
      return attempt(theirs, mine, attempts - 1);
    }
    setConflict(undefined);
    options.onSaved();
  };
  const run = async (base: Version<V>, mine: V) => {
    setBusy(true);
    setError(undefined);
    try {
      await attempt(base, mine);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    error,
    conflict,
    save: run,
    resolve: (chosen: Readonly<Record<string, Choice>>) =>
      conflict && run(conflict.theirs, merged(conflict.base, conflict.mine, conflict.theirs.values, chosen)),
  };
}

type Saving<V extends Values> = ReturnType<typeof useSaving<V>>;

interface MergeProps<V extends Values> {
  readonly saving: Saving<V>;
  readonly labels: Readonly<Record<keyof V, string>>;
  readonly show: (name: keyof V, value: unknown) => ReactNode;
  readonly onDiscard: () => void;
}

/** The form of a record; after a conflict, both versions to choose from. `error` replaces that of `saving`. */
export function EditForm<V extends Values>({
  saving,
  labels,
  show,
  onDiscard,
  onCancel,
  error = saving.error,
  children,
  ...form
}: MergeProps<V> & ComponentProps<"form"> & { readonly onCancel?: () => void; readonly error?: unknown }) {
  const ui = useUiText();
  if (saving.conflict)
    return (
      <Stack>
        {saving.error ? <Failure error={saving.error} /> : null}
        <Merge saving={saving} labels={labels} show={show} onDiscard={onDiscard} />
      </Stack>
    );
  return (
    <form {...form}>
      <Stack>
        {children}
        <Submit error={error} busy={saving.busy} label={ui("save")} {...(onCancel && { onCancel })} />
      </Stack>
    </form>
  );
}

/** Both versions, field by field. */
function Merge<V extends Values>({ saving, labels, show, onDiscard }: MergeProps<V>) {
  const text = useText();
  const [chosen, setChosen] = useState<Record<string, Choice>>({});
  const found = saving.conflict?.found ?? [];
  const choice = ({ name, both }: Difference) => chosen[name] ?? (both ? undefined : "theirs");
  return (
    <Stack>
      <Alert color="orange" icon={<IconGitMerge aria-hidden />} title={text("title")} role="alert">
        {text("hint")}
      </Alert>
      {found.map((one) => (
        <Radio.Group
          key={one.name}
          label={labels[one.name]}
          description={choice(one) === undefined ? text("choose") : undefined}
          value={choice(one) ?? ""}
          onChange={(value) => setChosen({ ...chosen, [one.name]: value as Choice })}
        >
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt={4}>
            <Option value="mine" title={text("mine")} note={one.both ? undefined : text("unchanged")}>
              {show(one.name, one.mine)}
            </Option>
            <Option value="theirs" title={text("theirs")}>
              {show(one.name, one.theirs)}
            </Option>
          </SimpleGrid>
        </Radio.Group>
      ))}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDiscard}>
          {text("discard")}
        </Button>
        <Button
          loading={saving.busy}
          disabled={found.some((one) => choice(one) === undefined)}
          onClick={() => void saving.resolve(chosen)}
        >
          {text("save")}
        </Button>
      </Group>
    </Stack>
  );
}

function Option({
  value,
  title,
  note,
  children,
}: {
  readonly value: Choice;
  readonly title: string;
  readonly note?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <Card withBorder padding="xs">
      <Radio
        value={value}
        label={
          <>
            <Text size="xs" c="dimmed" span>
              {title}
              {note && ` (${note})`}
            </Text>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {children}
            </Text>
          </>
        }
      />
    </Card>
  );
}
