/** The actions on a batch that its state and the roles of the user allow. */
import { Button, Group, Menu, Modal, Text } from "@mantine/core";
import { IconBox, IconDots, IconLock, IconLockOpen, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "../../api/client";
import { useMay } from "../../app/session";
import { confirm } from "../../ui/confirm";
import { type Step, useAct } from "./acting";
import { AddProducts } from "./add";
import { Aggregate } from "./aggregate";
import { useBatchText } from "./batch-texts";
import { Changed } from "./changed";
import { EditBatch } from "./edit";
import { params, type Seen } from "./reading";
import { ReportButton } from "./report";
import { useText } from "./texts";

type Dialog = "add" | "aggregate" | "edit";

export function Actions({ seen }: { readonly seen: Seen }) {
  const text = useBatchText();
  const titles = useText();
  const { data: batch } = seen;
  const [dialog, show] = useState<Dialog>();
  const [other, setOther] = useState<{ readonly step: Step; readonly before: Seen; readonly now: Seen }>();
  const act = useAct(batch.uuid, (step, now) => setOther({ step, before: seen, now }));
  const hide = () => show(undefined);
  const title = { add: text("add"), aggregate: text("aggregateTitle"), edit: titles("edit") };
  return (
    <>
      <Buttons seen={seen} busy={act.isPending} onDialog={show} onAct={(step) => act.mutate({ step, seen })} />
      <Modal
        opened={dialog !== undefined}
        onClose={hide}
        title={dialog && title[dialog]}
        size={dialog === "aggregate" ? "md" : "lg"}
      >
        {dialog === "add" && <AddProducts batch={batch} onEnd={hide} />}
        {dialog === "aggregate" && (
          <Aggregate seen={seen} onOther={(step, now) => setOther({ step, before: seen, now })} onEnd={hide} />
        )}
        {dialog === "edit" && <EditBatch seen={seen} onEnd={hide} />}
      </Modal>
      {other && (
        <Changed
          before={other.before}
          now={other.now}
          onCancel={() => setOther(undefined)}
          onGoOn={() => {
            setOther(undefined);
            act.mutate({ step: other.step, seen: other.now });
          }}
        />
      )}
    </>
  );
}

interface ButtonsProps {
  readonly seen: Seen;
  readonly busy: boolean;
  readonly onDialog: (dialog: Dialog) => void;
  readonly onAct: (step: Step) => void;
}

function Buttons({ seen, busy, onDialog, onAct }: ButtonsProps) {
  const text = useBatchText();
  const may = useMay();
  const { data: batch } = seen;
  const left = batch.products_total - batch.aggregated_total;
  const close = () =>
    confirm(
      text("close"),
      <>
        {left > 0 && <Text size="sm">{text("left", { count: left })}</Text>}
        <Text size="sm">{text("closeHint")}</Text>
      </>,
      () =>
        onAct({
          send: (now) => client.PATCH("/api/batches/{batch_id}/close", { params: params(now), body: {} }),
          message: text("closed"),
        }),
      text("close"),
    );
  const reopen = () =>
    onAct({
      send: (now) => client.PATCH("/api/batches/{batch_id}", { params: params(now), body: { is_closed: false } }),
      message: text("reopened"),
    });
  return (
    <Group gap="xs">
      {may("POST /api/batches/{batch_id}/reports/generate") && <ReportButton batch={batch} />}
      {!batch.is_closed && may("POST /api/batches/{batch_id}/products/bulk") && (
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => onDialog("add")}>
          {text("add")}
        </Button>
      )}
      {!batch.is_closed && left > 0 && may("PATCH /api/batches/{batch_id}/aggregate") && (
        <Button variant="default" leftSection={<IconBox size={16} aria-hidden />} onClick={() => onDialog("aggregate")}>
          {text("aggregate")}
        </Button>
      )}
      {!batch.is_closed && may("PATCH /api/batches/{batch_id}/close") && (
        <Button loading={busy} leftSection={<IconLock size={16} aria-hidden />} onClick={close}>
          {text("close")}
        </Button>
      )}
      {batch.is_closed && may("PATCH /api/batches/{batch_id}") && (
        <Button loading={busy} leftSection={<IconLockOpen size={16} aria-hidden />} onClick={reopen}>
          {text("reopen")}
        </Button>
      )}
      <More closed={batch.is_closed} onEdit={() => onDialog("edit")} onAct={onAct} />
    </Group>
  );
}

function More({
  closed,
  onEdit,
  onAct,
}: {
  readonly closed: boolean;
  readonly onEdit: () => void;
  readonly onAct: (step: Step) => void;
}) {
  const text = useBatchText();
  const titles = useText();
  const may = useMay();
  const navigate = useNavigate();
  const remove = () =>
    confirm(
      text("remove"),
      <Text size="sm">{text("removeHint")}</Text>,
      () =>
        onAct({
          send: (now) => client.DELETE("/api/batches/{batch_id}", { params: params(now) }),
          message: text("gone"),
          after: () => void navigate({ to: "/batches" }),
        }),
      text("removeForGood"),
    );
  const [edits, removes] = [may("PATCH /api/batches/{batch_id}"), may("DELETE /api/batches/{batch_id}")];
  if (!edits && !removes) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" px="sm" aria-label={text("other")}>
          <IconDots size={16} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {edits && (
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
            {titles("edit")}
          </Menu.Item>
        )}
        {removes && (
          <>
            {!closed && <Menu.Label>{text("removeClosed")}</Menu.Label>}
            <Menu.Item
              color="red"
              disabled={!closed}
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={remove}
            >
              {text("remove")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
