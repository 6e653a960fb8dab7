import { Group, NumberInput, Select, Text, TextInput } from "@mantine/core";
import { TimeInput } from "@mantine/dates";
import { useMemo } from "react";
import { useCronWords } from "../../ui/cron";
import { useScheduleText } from "./schedule-texts";
import { cronOf, REPEATS, type Timing, timeZones, WEEKDAYS } from "./timing";

const LAST_DAY = 31;

interface Props {
  readonly timing: Timing;
  readonly zone: string;
  readonly onTiming: (timing: Timing) => void;
  readonly onZone: (zone: string) => void;
  readonly error: string | undefined;
}

/** When a schedule fires: chosen by day and time, or as a cron expression; said in words below. */
export function TimingFields({ timing, zone, onTiming, onZone, error }: Props) {
  const text = useScheduleText();
  const words = useCronWords(cronOf(timing));
  const zones = useMemo(timeZones, []);
  const change = (by: Partial<Timing>) => onTiming({ ...timing, ...by });
  return (
    <>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <Select
          label={text("repeat")}
          data={REPEATS.map((value) => ({ value, label: text(value) }))}
          value={timing.repeat}
          allowDeselect={false}
          onChange={(chosen) =>
            change({ repeat: REPEATS.find((one) => one === chosen) ?? "daily", cron: cronOf(timing) ?? timing.cron })
          }
        />
        <Moment timing={timing} onChange={change} error={error} />
      </Group>
      <Select
        label={text("zone")}
        data={zones}
        value={zone}
        searchable
        limit={100}
        allowDeselect={false}
        onChange={(chosen) => chosen && onZone(chosen)}
      />
      {words && (
        <Text size="sm" role="status">
          {text("willRun", { words: words.charAt(0).toLowerCase() + words.slice(1) })}
        </Text>
      )}
    </>
  );
}

function Moment({
  timing,
  onChange,
  error,
}: {
  readonly timing: Timing;
  readonly onChange: (by: Partial<Timing>) => void;
  readonly error: string | undefined;
}) {
  const text = useScheduleText();
  if (timing.repeat === "cron")
    return (
      <TextInput
        label={text("expression")}
        description={text("expressionHint")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={timing.cron}
        onChange={({ currentTarget }) => onChange({ cron: currentTarget.value })}
        error={error}
        withAsterisk
      />
    );
  return (
    <>
      {timing.repeat === "weekly" && (
        <Select
          label={text("weekday")}
          data={WEEKDAYS.map((_, index) => ({ value: String(index + 1), label: text(weekdayKey(index + 1)) }))}
          value={timing.weekday}
          allowDeselect={false}
          onChange={(chosen) => chosen && onChange({ weekday: chosen })}
        />
      )}
      {timing.repeat === "monthly" && (
        <NumberInput
          label={text("day")}
          description={timing.day > 28 ? text("dayHint") : undefined}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={timing.day}
          min={1}
          max={LAST_DAY}
          clampBehavior="strict"
          allowDecimal={false}
          onChange={(value) => typeof value === "number" && onChange({ day: value })}
        />
      )}
      <TimeInput
        label={text("time")}
        value={timing.time}
        onChange={({ currentTarget }) => onChange({ time: currentTarget.value })}
        error={error}
        withAsterisk
      />
    </>
  );
}

const KEYS = ["weekday1", "weekday2", "weekday3", "weekday4", "weekday5", "weekday6", "weekday7"] as const;
const weekdayKey = (number: number) => KEYS[number - 1] ?? "weekday1";
