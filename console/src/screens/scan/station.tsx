import { Alert, Button, Grid, Group, Progress, Stack, Text } from "@mantine/core";
import { useFullscreenElement, useLocalStorage } from "@mantine/hooks";
import {
  IconArrowBackUp,
  IconKeyboard,
  IconMaximize,
  IconMinimize,
  IconVolume,
  IconVolumeOff,
} from "@tabler/icons-react";
import { useCallback, useEffect, useState } from "react";
import { FAST_POLL_MS, type Schema, SLOW_POLL_MS, useLive } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { ButtonLink } from "../../ui/link";
import { Page } from "../../ui/page";
import { Loaded } from "../../ui/state";
import { Latest, Panel } from "./latest";
import { Manual } from "./manual";
import { newestOf, type Scan, type ScanEnd } from "./queue";
import classes from "./scan.module.css";
import { useEnds, useQueue, useScanner } from "./scanning";
import { sound } from "./sound";
import { useText } from "./texts";
import { useUndo } from "./undo";

/** The scanning screen of a batch: the last scan, the number of products, the state of the queue. */
export function Station({ batchId }: { readonly batchId: string }) {
  const path = { batch_id: batchId };
  const query = useLive("/api/batches/{batch_id}", { path });
  return <Loaded query={query}>{(batch) => <Filling batch={batch} />}</Loaded>;
}

function Filling({ batch }: { readonly batch: Schema<"Batch"> }) {
  const text = useText();
  const [isLoud, setLoud] = useLocalStorage({ key: "shopfloor.sound", defaultValue: true });
  const [typing, setTyping] = useState(false);
  const { ref, toggle, fullscreen } = useFullscreenElement();
  const { queue, scans } = useQueue();
  const mine = scans.filter((scan) => scan.batch === batch.uuid);
  const undo = useUndo(queue, batch.uuid);
  const take = useCallback((code: string) => void queue.add(batch.uuid, code), [queue, batch.uuid]);
  useScanner(take);
  useEnds(
    mine,
    useCallback((state: ScanEnd) => isLoud && sound(state), [isLoud]),
  );
  const waiting = scans.filter((scan) => scan.state === "waiting").length;
  const last = newestOf(mine);
  return (
    <Page
      title={text("batch", { number: batch.batch_number })}
      hint={[batch.nomenclature, text("shift", { shift: batch.shift }), batch.team].join(" · ")}
      actions={
        <>
          <ButtonLink variant="subtle" size="lg" to="/batches/$id" params={{ id: batch.uuid }} search={{}}>
            {text("toBatch")}
          </ButtonLink>
          <ButtonLink variant="default" size="lg" to="/scan" search={{}}>
            {text("other")}
          </ButtonLink>
        </>
      }
    >
      <Stack ref={ref} className={classes.station ?? ""} gap="md">
        {batch.is_closed && <Closed />}
        <Waiting count={waiting} isStuck={queue.isStuck} onSend={queue.retry} />
        <Grid align="stretch">
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Panel scan={last} isClosed={batch.is_closed} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Count batch={batch} scans={mine} />
          </Grid.Col>
        </Grid>
        <Group grow preventGrowOverflow={false}>
          <Button
            size="xl"
            variant="default"
            leftSection={<IconArrowBackUp aria-hidden />}
            disabled={batch.is_closed || !undo.last(mine)}
            loading={undo.isBusy}
            onClick={() => undo.run(mine)}
          >
            {text("undo")}
          </Button>
          <Button
            size="xl"
            variant="default"
            leftSection={<IconKeyboard aria-hidden />}
            disabled={batch.is_closed}
            onClick={() => setTyping(true)}
          >
            {text("manual")}
          </Button>
          <Button
            size="xl"
            variant="default"
            leftSection={fullscreen ? <IconMinimize aria-hidden /> : <IconMaximize aria-hidden />}
            onClick={() => void toggle()}
          >
            {text(fullscreen ? "small" : "full")}
          </Button>
          <Button
            size="xl"
            variant="default"
            leftSection={isLoud ? <IconVolume aria-hidden /> : <IconVolumeOff aria-hidden />}
            aria-pressed={isLoud}
            onClick={() => setLoud(!isLoud)}
          >
            {text(isLoud ? "sound" : "mute")}
          </Button>
        </Group>
        <Latest scans={mine} />
        <Manual opened={typing && !batch.is_closed} onClose={() => setTyping(false)} onCode={take} />
      </Stack>
    </Page>
  );
}

function Closed() {
  const text = useText();
  return (
    <Alert color="orange" role="alert">
      {text("reopen")}
    </Alert>
  );
}

/** The scans that are not sent yet; leaving the page asks for a confirmation. */
function Waiting({
  count,
  isStuck,
  onSend,
}: {
  readonly count: number;
  readonly isStuck: boolean;
  readonly onSend: () => void;
}) {
  const text = useText();
  useEffect(() => {
    if (!isStuck || count === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isStuck, count]);
  if (!isStuck || count === 0) return null;
  return (
    <Alert color="orange" role="status" title={text("queue", { count })}>
      <Group justify="space-between">
        <Text>{text("stuck")}</Text>
        <Button variant="default" onClick={onSend}>
          {text("sendNow")}
        </Button>
      </Group>
    </Alert>
  );
}

/** The products of the batch, with those on their way, against the plan. */
function Count({ batch, scans }: { readonly batch: Schema<"Batch">; readonly scans: readonly Scan[] }) {
  const text = useText();
  const { number } = useFormat();
  const waiting = scans.filter((scan) => scan.state === "waiting").length;
  const query = { batch_id: batch.uuid, limit: 1 };
  const isRunning = scans.some((scan) => Date.now() - scan.at < 60_000);
  const listed = useLive("/api/products", { query }, isRunning ? FAST_POLL_MS : SLOW_POLL_MS);
  const counted = listed.data?.total ?? batch.products_total;
  const later = scans.filter((scan) => scan.state === "accepted" && (scan.ended ?? 0) > listed.dataUpdatedAt);
  const since = later.map((scan) => scan.total ?? 0);
  const total = Math.max(counted, ...since) + waiting;
  const plan = batch.planned_quantity;
  return (
    <Stack gap={4} align="center" justify="center" h="100%">
      <Text className={classes.count ?? ""} data-testid="count" aria-label={text("fact", { count: total })}>
        {number(total)}
      </Text>
      <Text size="xl">{plan ? text("plan", { plan: number(plan) }) : text("noPlan")}</Text>
      {plan ? (
        <Progress
          w="100%"
          size="xl"
          value={Math.min(100, (100 * total) / plan)}
          color={total >= plan ? "teal" : "cyan"}
          aria-label={text("plan", { plan: number(plan) })}
        />
      ) : null}
      {plan && total >= plan ? <Text fw={700}>{text("done")}</Text> : null}
    </Stack>
  );
}
