/** The charts of a site, each with a text alternative. */
import { BarChart, DonutChart } from "@mantine/charts";
import "@mantine/charts/styles.layer.css";
import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useFormat } from "../../i18n/format";
import { Panel } from "../../ui/panel";
import { useText } from "./texts";
import { type Progress, SEVERITIES, SEVERITY_COLOR, STATUSES } from "./words";

interface Props {
  readonly of: Progress;
}

/** How many defects are in each status. */
export function ByStatus({ of }: Props) {
  const text = useText();
  const data = STATUSES.map((status) => ({ status: text(status), [text("total")]: of.by_status[status] ?? 0 }));
  const words = STATUSES.map((status) => `${text(status)}: ${of.by_status[status] ?? 0}`).join(", ");
  return (
    <Chart title={text("byStatus")} words={words}>
      <BarChart
        h={260}
        data={data}
        dataKey="status"
        orientation="vertical"
        yAxisProps={{ width: 110 }}
        xAxisProps={{ allowDecimals: false }}
        series={[{ name: text("total"), color: "cyan.7" }]}
        gridAxis="x"
        barChartProps={{ accessibilityLayer: false }}
      />
    </Chart>
  );
}

/** The open defects by severity. */
export function BySeverity({ of }: Props) {
  const text = useText();
  const data = [...SEVERITIES]
    .reverse()
    .map((one) => ({ name: text(one), value: of.open_by_severity[one] ?? 0, color: `${SEVERITY_COLOR[one]}.6` }));
  const words = data.map(({ name, value }) => `${name}: ${value}`).join(", ");
  return (
    <Chart title={text("openBySeverity")} words={words}>
      <Group justify="center" align="center" gap="xl" mih={260}>
        <DonutChart
          data={data}
          size={180}
          thickness={26}
          chartLabel={of.open}
          paddingAngle={2}
          pieChartProps={{ accessibilityLayer: false }}
        />
        <div>
          {data.map(({ name, value, color }) => (
            <Group key={name} gap={6}>
              <Dot color={color} />
              <Text size="sm">
                {name}: {value}
              </Text>
            </Group>
          ))}
        </div>
      </Group>
    </Chart>
  );
}

function Dot({ color }: { readonly color: string }) {
  const variable = `var(--mantine-color-${color.replace(".", "-")})`;
  return <span aria-hidden style={{ width: 10, height: 10, borderRadius: 5, background: variable }} />;
}

/** The defects registered, fixed and closed by week. */
export function Weeks({ of }: Props) {
  const text = useText();
  const format = useFormat();
  const found = text("found");
  const fixed = text("mended");
  const closed = text("ended");
  const data = of.weeks.map((week) => ({
    week: format.day(week.week_start),
    [found]: week.created,
    [fixed]: week.fixed,
    [closed]: week.closed,
  }));
  const words = of.weeks
    .map(
      (week) =>
        `${format.day(week.week_start)}: ${found} ${week.created}, ${fixed} ${week.fixed}, ${closed} ${week.closed}`,
    )
    .join("; ");
  return (
    <Chart title={text("weeks")} words={words}>
      <BarChart
        h={260}
        data={data}
        dataKey="week"
        series={[
          { name: found, color: "orange.6" },
          { name: fixed, color: "cyan.7" },
          { name: closed, color: "teal.6" },
        ]}
        withLegend
        yAxisProps={{ allowDecimals: false }}
        barChartProps={{ accessibilityLayer: false }}
      />
    </Chart>
  );
}

function Chart(props: { readonly title: string; readonly words: string; readonly children: ReactNode }) {
  return (
    <Panel title={props.title} heading="h5">
      <div role="img" aria-label={`${props.title}: ${props.words}`}>
        {props.children}
      </div>
    </Panel>
  );
}
