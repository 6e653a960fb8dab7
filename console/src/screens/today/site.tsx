/** The whole site of all time: the dashboard, which is counted every few minutes. */
import { SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { Schema } from "../../api/client";
import { useMay } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { percentOf } from "../../ui/percent";
import { Tile } from "./figures";
import { useText } from "./texts";

export function Site({ dashboard }: { readonly dashboard: Schema<"Dashboard"> }) {
  const text = useText();
  const may = useMay();
  const { number, percent, ago, clock } = useFormat();
  const opens = may("GET /api/batches") !== undefined;
  const time = { ago: ago(dashboard.cached_at), time: clock(dashboard.cached_at) };
  return (
    <Stack gap="sm" component="section" aria-label={text("site")}>
      <div>
        <Title order={2} size="h4">
          {text("site")}
        </Title>
        <Text size="sm" c="dimmed">
          {text("siteHint", time)}
        </Text>
      </div>
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
        <Tile label={text("allBatches")} value={number(dashboard.total_batches)} below="" {...(opens && { to: {} })} />
        <Tile
          label={text("active")}
          value={number(dashboard.active_batches)}
          below=""
          {...(opens && { to: { is_closed: false } })}
        />
        <Tile label={text("total")} value={number(dashboard.total_products)} below="" />
        <Tile
          label={text("rate")}
          value={percent(percentOf(dashboard.aggregated_products, dashboard.total_products))}
          below={text("rateOf", {
            done: number(dashboard.aggregated_products),
            all: number(dashboard.total_products),
          })}
        />
      </SimpleGrid>
    </Stack>
  );
}
