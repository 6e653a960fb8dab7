/** The last two weeks and the last day as charts, each as a table too: for screen readers, and with links for the keyboard. */
import { Group, Paper, SegmentedControl, Skeleton, Table, Text, Title } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useFormat } from "../../i18n/format";
import { TextLink } from "../../ui/link";
import { percentOf } from "../../ui/percent";
import { Loaded } from "../../ui/state";
import type { ListSearch } from "../batches/state";
import type { DrawingProps } from "./drawing";
import type { useFigures } from "./reading";
import type { Today } from "./rules";
import { useText } from "./texts";
import classes from "./today.module.css";

const Drawing = lazy(() => import("./drawing"));

/** A bar of a chart, a row of its table: two amounts, their share, and the batches behind them. */
export interface Figure {
  readonly name: string;
  readonly first: number | null;
  readonly second: number | null;
  readonly share?: number | null;
  readonly to?: ListSearch;
}

type Figures = ReturnType<typeof useFigures>;

export function Days({ query }: { readonly query: Figures["days"] }) {
  const text = useText();
  const { shortDay, number } = useFormat();
  return (
    <ChartSection title={text("byDay")} hint={text("byDayHint")}>
      {(as) => (
        <Waiting query={query}>
          {({ items, total }) =>
            total.total_batches === 0 ? (
              <Text c="dimmed">{text("noFigures")}</Text>
            ) : (
              <Chart
                as={as}
                heads={[text("day"), text("aggregated"), text("notAggregated"), text("share")]}
                colors={["teal.9", "teal.3"]}
                stacked
                label={`${text("byDayHint")}: ${number(total.total_products)}`}
                figures={items.map((day) => ({
                  name: shortDay(day.date_from),
                  first: day.aggregated_products,
                  second: day.total_products - day.aggregated_products,
                  share: day.total_products > 0 ? percentOf(day.aggregated_products, day.total_products) : null,
                  to: { batch_date: day.date_from },
                }))}
              />
            )
          }
        </Waiting>
      )}
    </ChartSection>
  );
}

export function Hours({ today }: { readonly today: Today | undefined }) {
  const text = useText();
  const { clock, ago } = useFormat();
  const counted = today?.products_by_hour;
  if (today && !counted) return null;
  return (
    <ChartSection title={text("byHour")} hint={counted ? text("byHourHint", { ago: ago(counted.counted_at) }) : ""}>
      {(as) =>
        counted ? (
          <Chart
            as={as}
            heads={[text("hour"), text("aggregated"), text("added")]}
            colors={["teal.9", "blue.4"]}
            label={text("byHourHint", { ago: ago(counted.counted_at) })}
            figures={counted.hours.map((one) => ({ name: clock(one.hour), first: one.aggregated, second: one.added }))}
          />
        ) : (
          <Skeleton height={240} />
        )
      }
    </ChartSection>
  );
}

type View = "chart" | "table";

interface SectionProps {
  readonly title: string;
  readonly hint: string;
}

/** A section with a choice between chart and table. */
function ChartSection({ children, ...props }: SectionProps & { readonly children: (as: View) => ReactNode }) {
  const text = useText();
  const [as, setAs] = useState<View>("chart");
  const choice = (
    <SegmentedControl<View>
      size="xs"
      aria-label={props.title}
      style={{ flexShrink: 0 }}
      value={as}
      onChange={setAs}
      data={[
        { value: "chart", label: text("chart") },
        { value: "table", label: text("table") },
      ]}
    />
  );
  return (
    <Section {...props} tools={choice}>
      {children(as)}
    </Section>
  );
}

/** A part of the page with a heading and what it counts. */
export function Section({
  title,
  hint,
  tools,
  children,
}: SectionProps & { readonly tools?: ReactNode; readonly children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title} className={classes.late ?? ""}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" mb="sm">
        <div>
          <Title order={2} size="h4">
            {title}
          </Title>
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
        </div>
        {tools}
      </Group>
      {children}
    </Paper>
  );
}

/** The data, or a skeleton while they load. */
export function Waiting<Data>({
  query,
  children,
}: {
  readonly query: { data: Data | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  readonly children: (data: Data) => ReactNode;
}) {
  if (query.data === undefined && !query.error) return <Skeleton height={240} />;
  return <Loaded query={query}>{children}</Loaded>;
}

interface ChartProps {
  readonly as: View;
  readonly heads: readonly [name: string, first: string, second: string, share?: string];
  readonly figures: readonly Figure[];
  readonly label: string;
  readonly colors: DrawingProps["colors"];
  readonly stacked?: boolean;
}

function Chart({ as, heads, figures, label, colors, stacked = false }: ChartProps) {
  const [, first, second, share] = heads;
  if (as === "table") return <AsTable heads={heads} figures={figures} label={label} />;
  return (
    <Suspense fallback={<Skeleton height={240} />}>
      <Drawing
        figures={figures}
        series={[first, second]}
        colors={colors}
        stacked={stacked}
        label={label}
        {...(share !== undefined && { share })}
      />
    </Suspense>
  );
}

function AsTable({ heads, figures, label }: Pick<ChartProps, "heads" | "figures" | "label">) {
  const { number, percent } = useFormat();
  const hasShare = heads.length === 4;
  return (
    <Table.ScrollContainer minWidth={300} maxHeight={300}>
      <Table aria-label={label} stickyHeader striped>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head, index) => (
              <Table.Th key={head} ta={index === 0 ? "left" : "right"}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {figures.map(({ name, first, second, share, to }) => (
            <Table.Tr key={name}>
              <Table.Td>
                {to ? (
                  <TextLink size="sm" to="/batches" search={to}>
                    {name}
                  </TextLink>
                ) : (
                  name
                )}
              </Table.Td>
              <Table.Td ta="right">{number(first)}</Table.Td>
              <Table.Td ta="right">{number(second)}</Table.Td>
              {hasShare && <Table.Td ta="right">{percent(share)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
