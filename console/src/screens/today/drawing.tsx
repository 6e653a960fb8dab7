/** The charts themselves; a large library, loaded after the numbers are there. */
import { CompositeChart, type CompositeChartSeries } from "@mantine/charts";
import "@mantine/charts/styles.layer.css";
import { useNavigate } from "@tanstack/react-router";
import { useFormat } from "../../i18n/format";
import type { Figure } from "./charts";
import classes from "./today.module.css";

export interface DrawingProps {
  readonly figures: readonly Figure[];
  readonly series: readonly [first: string, second: string];
  /** The same kind of amount has the same colour in every chart. */
  readonly colors: readonly [first: string, second: string];
  /** Whether the second stands on the first, or beside it. */
  readonly stacked: boolean;
  /** The name of the line with the share of the first value; without it no line is drawn. */
  readonly share?: string;
  readonly label: string;
}

/** Bars of two kinds, and a line for the share; a click leads to the batches behind a bar. */
export default function Drawing({ figures, series: [first, second], colors, stacked, share, label }: DrawingProps) {
  const navigate = useNavigate();
  const { number, percent } = useFormat();
  const data = figures.map((one) => ({
    name: one.name,
    [first]: one.first,
    [second]: one.second,
    ...(share && { [share]: one.share }),
  }));
  const series: CompositeChartSeries[] = [
    { name: first, color: colors[0], type: "bar" },
    { name: second, color: colors[1], type: "bar" },
    ...(share ? [{ name: share, color: "indigo.5", type: "line" as const, yAxisId: "right" }] : []),
  ];
  const open = (index: unknown) => {
    const to = figures[Number(index)]?.to;
    if (to) void navigate({ to: "/batches", search: to });
  };
  return (
    <CompositeChart
      h={240}
      role="img"
      aria-label={label}
      {...(figures.some((one) => one.to) && { className: classes.drawing ?? "" })}
      data={data}
      dataKey="name"
      series={series}
      withLegend
      legendProps={{ verticalAlign: "bottom", height: 28 }}
      withDots={false}
      connectNulls={false}
      maxBarWidth={34}
      valueFormatter={(value) => number(value, 1)}
      {...(share && {
        withRightYAxis: true,
        rightYAxisProps: { domain: [0, 100], tickFormatter: (value: number) => percent(value), width: 52 },
      })}
      yAxisProps={{ width: 44, allowDecimals: false }}
      xAxisProps={{ minTickGap: 12 }}
      barProps={{ isAnimationActive: false, ...(stacked && { stackId: "products" }) }}
      lineProps={{ isAnimationActive: false }}
      composedChartProps={{
        accessibilityLayer: false,
        onClick: (at: { readonly activeTooltipIndex?: unknown }) => open(at.activeTooltipIndex),
      }}
    />
  );
}
