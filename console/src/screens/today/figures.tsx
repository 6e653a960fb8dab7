/** The figures of the running shifts; each links the batches that it counts. */
import { Paper, Progress, SimpleGrid, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import clsx from "clsx";
import type { ReactNode } from "react";
import { useFormat } from "../../i18n/format";
import { percentOf } from "../../ui/percent";
import type { ListSearch } from "../batches/state";
import { batchesOf, expected, runningAt, share, type Today, troubles } from "./rules";
import { useText } from "./texts";
import classes from "./today.module.css";

interface TileProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly below: ReactNode;
  readonly to?: ListSearch;
  readonly onClick?: () => void;
  readonly bad?: boolean;
  /** Spans two columns where the figures stand in several rows. */
  readonly wide?: boolean;
  readonly children?: ReactNode;
}

/** A number with what it counts; a link where batches are behind it. */
export function Tile({ label, value, below, to, onClick, bad = false, wide = false, children }: TileProps) {
  const content = (
    <>
      <Text size="sm" c="dimmed" fw={600}>
        {label}
      </Text>
      <div className={classes.number} style={bad ? { color: "var(--mantine-color-error)" } : undefined}>
        {value}
      </div>
      {children}
      <Text size="sm" c="dimmed">
        {below}
      </Text>
    </>
  );
  const look = { withBorder: true, p: { base: "sm", sm: "md" }, className: clsx(classes.tile, wide && classes.wide) };
  if (to)
    return (
      <Paper {...look} renderRoot={(props) => <Link to="/batches" search={to} {...props} />}>
        {content}
      </Paper>
    );
  if (onClick)
    return (
      <Paper {...look} component="button" type="button" ta="left" onClick={onClick}>
        {content}
      </Paper>
    );
  return <Paper {...look}>{content}</Paper>;
}

export function Figures({ today, onTrouble }: { readonly today: Today; readonly onTrouble: () => void }) {
  const bad = troubles(today.attention);
  const text = useText();
  const { number } = useFormat();
  return (
    <SimpleGrid
      cols={{ base: 2, sm: 3, lg: 5 }}
      spacing="sm"
      className={classes.figures ?? ""}
      role="group"
      aria-label={text("running")}
    >
      <Plan today={today} />
      <Aggregated today={today} />
      <Open today={today} />
      <Hour today={today} />
      {bad !== undefined && (
        <Tile
          label={text("trouble")}
          value={number(bad)}
          bad={bad > 0}
          wide
          below={text(bad > 0 ? "troubleHint" : "troubleNone")}
          {...(bad > 0 && { onClick: onTrouble })}
        />
      )}
    </SimpleGrid>
  );
}

function Plan({ today: { running, as_of } }: { readonly today: Today }) {
  const text = useText();
  const { number, percent } = useFormat();
  const { total } = running;
  const due = expected(batchesOf(running.work_centers), new Date(as_of));
  const made = share(total.made_of_planned, total.planned);
  return (
    <Tile
      label={text("plan")}
      to={runningAt()}
      value={
        <>
          {number(total.planned === null ? total.products : total.made_of_planned)}
          {total.planned !== null && (
            <Text span c="dimmed" fz="0.5em" fw={500}>
              {" "}
              {text("ofPlan", { plan: number(total.planned) })}
            </Text>
          )}
        </>
      }
      below={
        total.planned === null
          ? text("noPlan")
          : [
              text("planShare", { share: percent(percentOf(total.made_of_planned, total.planned)) }),
              due && text("due", { count: number(due) }),
            ]
              .filter(Boolean)
              .join(" · ")
      }
    >
      {total.planned !== null && <Progress value={made} color="teal" size="md" my={4} aria-hidden />}
    </Tile>
  );
}

function Aggregated({ today: { running } }: { readonly today: Today }) {
  const text = useText();
  const { number, percent } = useFormat();
  const { total } = running;
  return (
    <Tile
      label={text("rate")}
      to={runningAt()}
      value={total.products > 0 ? percent(percentOf(total.aggregated, total.products)) : "—"}
      below={text("rateOf", { done: number(total.aggregated), all: number(total.products) })}
    />
  );
}

function Open({ today: { running } }: { readonly today: Today }) {
  const text = useText();
  const { number } = useFormat();
  const { total } = running;
  return (
    <Tile
      label={text("openBatches")}
      to={runningAt(undefined, undefined, true)}
      value={number(total.open_batches)}
      below={text("openOf", { count: total.batches, shown: number(total.batches) })}
    />
  );
}

function Hour({ today: { products_by_hour } }: { readonly today: Today }) {
  const text = useText();
  const { number, clock } = useFormat();
  const [before, now] = products_by_hour?.hours.slice(-2) ?? [];
  const since = { from: clock(now?.hour), to: clock(products_by_hour?.counted_at), before: number(before?.added) };
  return (
    <Tile
      label={text("hourNow")}
      value={number(now?.added)}
      below={products_by_hour ? text("hourNowHint", since) : text("notCounted")}
    />
  );
}
