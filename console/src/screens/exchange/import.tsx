/** The import of a file: choose, preview, check by the API, import, correct the failed rows. */
import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { IconChecks, IconDatabaseImport } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Failure } from "../../ui/state";
import { isOver, resultOf, useTask } from "../../ui/task";
import { Choose, Columns } from "./choose";
import { findings } from "./columns";
import { Outcome } from "./outcome";
import { Preview } from "./preview";
import { exchange } from "./routes";
import { type Chosen, type ImportOptions, useImport } from "./sending";
import { useText } from "./texts";

export function Import() {
  const text = useText();
  const { task } = exchange.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen>();
  const [update, setUpdate] = useState(false);
  const sending = useImport(chosen);
  const show = (id: string | undefined) =>
    void navigate({ to: "/exchange", search: { tab: "import", ...(id && { task: id }) }, replace: true });
  const take = (next: Chosen | undefined) => {
    setChosen(next);
    sending.forget();
    show(undefined);
  };
  const start = async (options: ImportOptions) => {
    const id = await sending.start(options);
    if (id) show(id);
    void queries.invalidateQueries();
  };
  const shared: Shared = { chosen, sending, onStart: (options) => void start(options), onChosen: take };
  if (task) return <Ordered id={task} {...shared} onBack={() => show(undefined)} />;
  if (chosen) return <Ready {...shared} chosen={chosen} update={update} onUpdate={setUpdate} />;
  return (
    <Stack>
      <Choose label={text("drop")} onChosen={take} />
      <Columns />
    </Stack>
  );
}

interface Shared {
  readonly chosen: Chosen | undefined;
  readonly sending: ReturnType<typeof useImport>;
  readonly onStart: (options: ImportOptions) => void;
  readonly onChosen: (chosen: Chosen | undefined) => void;
}

/** A file with its preview, ready to be checked. */
function Ready(
  props: Shared & {
    readonly chosen: Chosen;
    readonly update: boolean;
    readonly onUpdate: (update: boolean) => void;
  },
) {
  const { chosen, sending, update, onUpdate, onStart, onChosen } = props;
  const text = useText();
  const lacks = chosen.sheet !== undefined && findings(chosen.sheet.header).missing.length > 0;
  return (
    <Stack>
      <Preview chosen={chosen} />
      <Checkbox
        label={text("update")}
        description={text("updateHint")}
        checked={update}
        onChange={(event) => onUpdate(event.currentTarget.checked)}
      />
      {sending.error !== undefined && <Failure error={sending.error} />}
      <Group>
        <Button
          leftSection={<IconChecks size={18} aria-hidden />}
          loading={sending.busy}
          disabled={lacks}
          onClick={() => onStart({ dry_run: true, update_existing: update })}
        >
          {text("check")}
        </Button>
        <Button variant="default" disabled={sending.busy} onClick={() => onChosen(undefined)}>
          {text("otherFile")}
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {text(lacks ? "needColumns" : "checkHint")}
      </Text>
    </Stack>
  );
}

/** A check or an import, running or over, and what comes next. */
function Ordered({
  id,
  chosen,
  sending,
  onStart,
  onChosen,
  onBack,
}: Shared & { readonly id: string; readonly onBack: () => void }) {
  const text = useText();
  const task = useTask(id);
  const update_existing = task.data?.params.update_existing === true;
  const wasCheck = task.data?.params.dry_run === true;
  const good = (resultOf(task.data, "created", "number") ?? 0) + (resultOf(task.data, "updated", "number") ?? 0);
  const isClean = task.data?.status === "SUCCESS" && resultOf(task.data, "failed", "number") === 0;
  const isOpen = wasCheck && good > 0;
  return (
    <Stack>
      <Outcome query={task} sheet={chosen?.sheet} />
      {sending.error !== undefined && <Failure error={sending.error} />}
      {isOver(task.data) && (
        <>
          <Group>
            {isOpen && chosen && (
              <Button
                leftSection={<IconDatabaseImport size={18} aria-hidden />}
                loading={sending.busy}
                onClick={() => onStart({ dry_run: false, update_existing })}
              >
                {text(isClean ? "importAll" : "importGood", { count: good })}
              </Button>
            )}
            {wasCheck && chosen && (
              <Button variant="default" disabled={sending.busy} onClick={onBack}>
                {text("back")}
              </Button>
            )}
            <Button variant="default" disabled={sending.busy} onClick={() => onChosen(undefined)}>
              {text("otherFile")}
            </Button>
          </Group>
          {!isClean && <Choose label={text("dropCorrected")} onChosen={onChosen} />}
          {isClean && isOpen && !chosen && <Choose label={text("dropAgain")} onChosen={onChosen} />}
        </>
      )}
    </Stack>
  );
}
