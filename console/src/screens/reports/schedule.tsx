/** The form of a schedule of reports: the report, its times, its recipients. */
import { Divider, Modal, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client, type Schema, withEtag } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useUser } from "../../app/session";
import { Current, type Tagged } from "../../ui/current";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { Submit } from "../../ui/submit";
import { ReportFields, useChosen, useName, useReportForm } from "./fields";
import { bodyOf } from "./order";
import { blank, SHIFT, valuesOf } from "./rules";
import { useScheduleText } from "./schedule-texts";
import { cronOf, MORNING, timingOf } from "./timing";
import { TimingFields } from "./timing-fields";

export type Schedule = Schema<"ScheduleView">;

interface Props {
  readonly onClose: () => void;
  /** The schedule to change; without it a new one is created. */
  readonly schedule?: Schedule;
}

export function ScheduleDialog({ onClose, schedule }: Props) {
  const text = useScheduleText();
  return (
    <Modal opened onClose={onClose} title={text(schedule ? "titleEdit" : "title")} size="lg">
      {schedule ? <Existing id={schedule.id} onClose={onClose} /> : <Form onClose={onClose} />}
    </Modal>
  );
}

function Existing({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const read = async () => {
    const params = { path: { schedule_id: id } };
    const { data, etag } = await withEtag(client.GET("/api/v1/schedules/{schedule_id}", { params }));
    return { data: data.schedule, etag };
  };
  return (
    <Current name={["schedule", id]} read={read}>
      {(current, again) => <Form key={current.etag} current={current} onClose={onClose} onAgain={again} />}
    </Current>
  );
}

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The default is the most frequent choice: the shift report of yesterday, every morning, to the user. */
function useInitial(schedule: Schedule | undefined) {
  const { email } = useUser();
  if (schedule) return valuesOf({ ...(schedule.payload as object), name: schedule.name });
  return { ...blank(email ? [email] : []), template: String(SHIFT) };
}

interface FormProps {
  readonly onClose: () => void;
  readonly current?: Tagged<Schedule>;
  /** Read the schedule again after another user has changed it. */
  readonly onAgain?: () => void;
}

function Form({ onClose, current, onAgain }: FormProps) {
  const schedule = current?.data;
  const text = useScheduleText();
  const navigate = useNavigate();
  const form = useReportForm(useInitial(schedule));
  const [timing, setTiming] = useState(schedule?.cron ? timingOf(schedule.cron) : MORNING);
  const [zone, setZone] = useState(schedule?.time_zone ?? OWN_ZONE);
  const cron = cronOf(timing);
  const save = useSave(current);
  const base = useChosen(form)?.base_template_id;
  const automatic = useName(form);
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit((values) => {
    if (cron === undefined) return;
    const name = values.name.trim() || automatic;
    const payload = bodyOf(values, name, base, zone);
    void send(async () => {
      await save({ name, task_type: "generate_report", payload, cron, time_zone: zone });
      notifySuccess(text(schedule ? "saved" : "created"));
      onClose();
      void navigate({ to: "/reports", search: { view: "schedules" } });
    });
  });
  return (
    <form noValidate onSubmit={submit}>
      <Stack>
        <ReportFields form={form} recurring />
        <Divider />
        <TimingFields
          timing={timing}
          zone={zone}
          onTiming={setTiming}
          onZone={setZone}
          error={cron === undefined ? text("needTime") : undefined}
        />
        <Submit
          error={error}
          busy={busy}
          label={text(schedule ? "save" : "create")}
          onCancel={onClose}
          again={onAgain}
        />
      </Stack>
    </form>
  );
}

/** A function that makes the schedule, once, or changes it. */
function useSave(current: Tagged<Schedule> | undefined) {
  const post = useIdempotentPost();
  return (body: Schema<"ScheduleCreate">) => {
    if (!current) return post(body, (headers) => client.POST("/api/v1/schedules", { body, headers }));
    const params = { path: { schedule_id: current.data.id }, header: { "If-Match": current.etag } };
    return client.PATCH("/api/v1/schedules/{schedule_id}", { params, body });
  };
}
