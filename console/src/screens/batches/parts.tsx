/** The state and the progress of a batch, for the list and its page. */
import { Group, Progress, Stack, Text } from "@mantine/core";
import type { Schema } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { percentOf } from "../../ui/percent";
import { Status } from "../../ui/status";
import { useWorkCenter } from "./centers";
import { sharesOf } from "./progress";
import { useText } from "./texts";

export type Batch = Schema<"Batch">;

export function BatchState({ batch }: { readonly batch: Pick<Batch, "is_closed"> }) {
  const text = useText();
  return <Status tone={batch.is_closed ? "ended" : "running"}>{text(batch.is_closed ? "closed" : "open")}</Status>;
}

export function CenterName({ id }: { readonly id: string }) {
  return <>{useWorkCenter(id)?.name ?? "—"}</>;
}

interface ProgressProps {
  readonly batch: Batch;
  readonly size?: "sm" | "xl";
  /** Whether the figures say themselves what they count, where no heading of a column does. */
  readonly worded?: boolean;
}

/** Aggregated of the plan, or of what was added where there is none. */
export function BatchProgress({ batch, size = "sm", worded = false }: ProgressProps) {
  const text = useText();
  const { number, percent } = useFormat();
  const { aggregated, added } = sharesOf(batch);
  const plan = batch.planned_quantity;
  const goal = plan ?? batch.products_total;
  const figures = {
    done: number(batch.aggregated_total),
    added: number(batch.products_total),
    goal: number(goal),
  };
  const words = `${plan === null ? "ofAdded" : "ofPlan"}${worded ? "Worded" : ""}` as const;
  const label = text("progressLabel", {
    ...figures,
    plan: plan === null ? text("noPlan") : number(plan),
  });
  return (
    <Stack gap={2} miw={120}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size={size === "xl" ? "sm" : "xs"} span>
          {goal === 0 ? text("empty") : text(words, figures)}
        </Text>
        <Text size={size === "xl" ? "sm" : "xs"} c="dimmed" span style={{ whiteSpace: "nowrap" }}>
          {goal > 0 ? percent(percentOf(batch.aggregated_total, goal)) : ""}
        </Text>
      </Group>
      <Progress.Root size={size}>
        <Progress.Section value={aggregated} color="teal" aria-label={label} aria-valuetext={label} />
        <Progress.Section value={added} color="teal.2" withAria={false} />
      </Progress.Root>
    </Stack>
  );
}
