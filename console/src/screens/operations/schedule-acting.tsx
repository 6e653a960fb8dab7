import { Text } from "@mantine/core";
import { client, type Schema } from "../../api/client";
import { useMay } from "../../app/session";
import { confirm } from "../../ui/confirm";
import { useAction } from "../../ui/form";
import { useText } from "./schedule-texts";

type Schedule = Schema<"ScheduleView">;

/** The actions on a schedule. */
export function useScheduleActions({ id, name, paused }: Schedule) {
  const text = useText();
  const may = useMay();
  const { busy, act } = useAction();
  const params = { path: { schedule_id: id } };
  return {
    may: may("PATCH /api/v1/schedules/{schedule_id}") !== undefined,
    busy,
    runNow: () => void act(() => client.POST("/api/v1/schedules/{schedule_id}/run", { params }), text("started")),
    pause: () =>
      void act(
        () => client.PATCH("/api/v1/schedules/{schedule_id}", { params, body: { paused: !paused } }),
        text(paused ? "resumed" : "pausedNow"),
      ),
    remove: (leave?: () => Promise<void>) =>
      confirm(
        text("removeTitle"),
        <Text size="sm">{text("removeQuestion", { name })}</Text>,
        () => void act(() => client.DELETE("/api/v1/schedules/{schedule_id}", { params }), text("removed"), leave),
        text("removeYes"),
      ),
  };
}
