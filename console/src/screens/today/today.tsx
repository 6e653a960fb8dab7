/** Today: the running shifts, what needs action, and how it went lately. Refreshes itself. */
import { SimpleGrid, Skeleton } from "@mantine/core";
import clsx from "clsx";
import { lazy, Suspense } from "react";
import { useMay } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { Page } from "../../ui/page";
import { Failure, Loaded } from "../../ui/state";
import { Attention } from "./attention";
import { Days, Hours } from "./charts";
import { Figures } from "./figures";
import { useDashboard, useFigures, useIsEmpty, useNow, useToday } from "./reading";
import { Shares } from "./shares";
import { Shifts } from "./shifts";
import { Site } from "./site";
import { useText } from "./texts";
import classes from "./today.module.css";

const Empty = lazy(() => import("./empty"));
/** Milliseconds without an answer after which the numbers are no longer called live. */
const STALE = 60_000;

export function Today() {
  const text = useText();
  const may = useMay();
  const seesLive = may("GET /api/analytics/today") !== undefined;
  const dashboard = useDashboard();
  const today = useToday(seesLive);
  const looksEmpty = dashboard.data?.total_batches === 0 && today.data?.running.total.batches === 0;
  const isEmpty = useIsEmpty(looksEmpty);
  return (
    <Page title={text("title")} hint={seesLive ? <Age query={today} /> : text("onlySite")}>
      {isEmpty ? (
        <Suspense fallback={<Skeleton height={400} />}>
          <Empty />
        </Suspense>
      ) : (
        <>
          {seesLive && <Live query={today} />}
          <Loaded query={dashboard}>{(data) => <Site dashboard={data} />}</Loaded>
        </>
      )}
    </Page>
  );
}

interface LiveProps {
  readonly query: ReturnType<typeof useToday>;
}

/** How old the live numbers are: the minute they are of, or since when they were not refreshed. */
function Age({ query: { data, dataUpdatedAt } }: LiveProps) {
  const text = useText();
  const { clock } = useFormat();
  const now = useNow();
  if (!data) return null;
  const isStale = now.getTime() - dataUpdatedAt > STALE;
  const shown = { time: clock(isStale ? new Date(dataUpdatedAt).toISOString() : data.as_of) };
  return (
    <>
      <span className={clsx(classes.live, isStale && classes.stale)} />
      {text(isStale ? "stale" : "live", shown)}
    </>
  );
}

function Live({ query }: LiveProps) {
  const figures = useFigures(true);
  const { data, error, refetch } = query;
  return (
    <>
      {error && <Failure error={error} again={() => void refetch()} />}
      {data ? <Figures today={data} onTrouble={showTrouble} /> : !error && <WaitingFigures />}
      <div className={classes.two}>
        <div className={classes.column}>
          {data ? <Shifts today={data} /> : !error && <Skeleton height={280} />}
          <Days query={figures.days} />
          <Hours today={data} />
        </div>
        <div className={classes.column}>
          {data && <Attention attention={data.attention} />}
          <Shares figures={figures} />
        </div>
      </div>
    </>
  );
}

function showTrouble() {
  const heading = document.getElementById("trouble");
  heading?.scrollIntoView({ block: "start" });
  heading?.focus();
}

function WaitingFigures() {
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      {["plan", "rate", "open", "hour", "trouble"].map((name) => (
        <Skeleton key={name} height={140} />
      ))}
    </SimpleGrid>
  );
}
