/** The last two weeks by work centre and by shift: a bar each, which is a link to the batches it counts. */
import { Group, Progress, Stack, Text } from "@mantine/core";
import { useFormat } from "../../i18n/format";
import { TextLink } from "../../ui/link";
import { percentOf } from "../../ui/percent";
import type { ListSearch } from "../batches/state";
import { Section, Waiting } from "./charts";
import type { useFigures } from "./reading";
import { share } from "./rules";
import { useText } from "./texts";

interface Row {
  readonly key: string;
  readonly name: string;
  readonly products: number;
  readonly aggregated: number;
  readonly to: ListSearch;
}

export function Shares({ figures: { period, centers, shifts } }: { readonly figures: ReturnType<typeof useFigures> }) {
  const text = useText();
  const days = { batch_date_from: period.from, batch_date_to: period.to };
  return (
    <>
      <Section title={text("byCenter")} hint={text("byCenterHint")}>
        <Waiting query={centers}>
          {({ items }) => (
            <Rows
              rows={items.map((one) => ({
                ...rowOf(one),
                key: one.work_center_id,
                name: one.name ?? text("goneCenter"),
                to: { ...days, work_center_id: one.work_center_id },
              }))}
            />
          )}
        </Waiting>
      </Section>
      <Section title={text("byShift")} hint={text("byCenterHint")}>
        <Waiting query={shifts}>
          {({ items }) => (
            <Rows
              rows={items.map((one) => ({
                ...rowOf(one),
                key: one.shift,
                name: text("shift", { shift: one.shift }),
                to: { ...days, shift: one.shift },
              }))}
            />
          )}
        </Waiting>
      </Section>
    </>
  );
}

const rowOf = (figures: { total_products: number; aggregated_products: number }) => ({
  products: figures.total_products,
  aggregated: figures.aggregated_products,
});

function Rows({ rows }: { readonly rows: readonly Row[] }) {
  const text = useText();
  const { number, percent } = useFormat();
  const most = Math.max(...rows.map((row) => row.products), 1);
  if (rows.length === 0) return <Text c="dimmed">{text("noFigures")}</Text>;
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: "none" }}>
      {rows.map((row) => {
        const label = `${row.name}: ${text("rateOf", { done: number(row.aggregated), all: number(row.products) })}`;
        return (
          <li key={row.key}>
            <Group justify="space-between" wrap="nowrap" gap="xs">
              <TextLink size="sm" truncate to="/batches" search={row.to}>
                {row.name}
              </TextLink>
              <Text size="sm" style={{ flexShrink: 0 }}>
                <b>{number(row.products)}</b>{" "}
                <Text span inherit c="dimmed">
                  · {text("packed", { count: percent(percentOf(row.aggregated, row.products)) })}
                </Text>
              </Text>
            </Group>
            <Progress.Root size="md">
              <Progress.Section
                value={share(row.aggregated, most)}
                color="teal"
                aria-label={label}
                aria-valuetext={label}
              />
              <Progress.Section value={share(row.products - row.aggregated, most)} color="teal.3" withAria={false} />
            </Progress.Root>
          </li>
        );
      })}
    </Stack>
  );
}
