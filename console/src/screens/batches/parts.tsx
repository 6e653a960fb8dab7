/** How a batch's state and progress look, in the list and on its page. */
import { Group, Progress, Stack, Text } from "@mantine/core";
import type { Schema } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Status } from "../../ui/status";
import { useWorkCenter } from "./centers";
import { sharesOf } from "./progress";
import { useText } from "./texts";

export type Batch = Schema<"Batch">;

export function BatchState({ batch }: { readonly batch: Pick<Batch, "is_closed"> }) {
  const text = useText();
  return <Status mood={batch.is_closed ? "ended" : "running"}>{text(batch.is_closed ? "closed" : "open")}</Status>;
}

export function CenterName({ id }: { readonly id: string }) {
  return <>{useWorkCenter(id)?.name ?? "—"}</>;
}

/** Aggregated of all, against the plan where there is one. */
export function BatchProgress({ batch, size = "sm" }: { readonly batch: Batch; readonly size?: "sm" | "xl" }) {
  const text = useText();
  const { number, percent } = useFormat();
  const { aggregated, added } = sharesOf(batch);
  const goal = batch.planned_quantity ?? batch.products_total;
  const label = text("progressLabel", {
    done: number(batch.aggregated_total),
    added: number(batch.products_total),
    plan: batch.planned_quantity === null ? text("noPlan") : number(batch.planned_quantity),
  });
  return (
    <Stack gap={2} miw={120}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" span style={{ whiteSpace: "nowrap" }}>
          {goal === 0 ? text("empty") : text("ofPlan", { done: number(batch.aggregated_total), plan: number(goal) })}
        </Text>
        <Text size="xs" c="dimmed" span style={{ whiteSpace: "nowrap" }}>
          {goal > 0 ? percent(Math.floor((1000 * batch.aggregated_total) / goal) / 10) : ""}
        </Text>
      </Group>
      <Progress.Root size={size}>
        <Progress.Section value={aggregated} color="teal" aria-label={label} aria-valuetext={label} />
        <Progress.Section value={added} color="teal.2" withAria={false} />
      </Progress.Root>
    </Stack>
  );
}
