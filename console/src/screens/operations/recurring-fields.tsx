import { Chip, Group, Input, NumberInput, SegmentedControl, Select, Text, TextInput } from "@mantine/core";
import { TimeInput } from "@mantine/dates";
import type { UseFormReturnType } from "@mantine/form";
import { Recurrence } from "../../ui/cron";
import { useText } from "./new-texts";
import { DAYS, type Recurring, recurrenceOf, UNITS } from "./recurring";

type Values = Recurring & { readonly time_zone: string };

const ZONES = Intl.supportedValuesOf("timeZone");

/** How often a schedule fires: on days at a time, by an interval, or as cron says; with the words for it. */
export function RecurringFields<Given extends Values>({ form }: { readonly form: UseFormReturnType<Given> }) {
  const text = useText();
  const { how, time_zone: zone } = form.values;
  const isInterval = how === "interval";
  return (
    <>
      <Input.Wrapper label={text("how")} labelElement="div">
        <SegmentedControl
          fullWidth
          aria-label={text("how")}
          data={[
            { value: "daily", label: text("daily") },
            { value: "interval", label: text("interval") },
            { value: "expression", label: text("expression") },
          ]}
          {...form.getInputProps("how")}
        />
      </Input.Wrapper>
      {how === "daily" && <Daily form={form} />}
      {how === "expression" && (
        <TextInput
          label={text("cron")}
          description={text("cronHint")}
          placeholder="30 8 * * MON-FRI"
          withAsterisk
          {...form.getInputProps("cron")}
        />
      )}
      {isInterval && <Interval form={form} />}
      {!isInterval && (
        <Select
          label={text("zone")}
          data={[...new Set([zone, "UTC", ...ZONES])]}
          searchable
          allowDeselect={false}
          limit={100}
          {...form.getInputProps("time_zone")}
        />
      )}
      <Text size="sm" role="status">
        <Recurrence {...recurrenceOf(form.values)} timeZone={isInterval ? undefined : zone} />
      </Text>
    </>
  );
}

function Daily<Given extends Values>({ form }: { readonly form: UseFormReturnType<Given> }) {
  const text = useText();
  return (
    <Group align="flex-start">
      <TimeInput label={text("time")} withAsterisk w={120} {...form.getInputProps("time")} />
      <Input.Wrapper
        label={text("days")}
        description={text("daysHint")}
        labelElement="div"
        inputWrapperOrder={["label", "input", "description"]}
      >
        <Chip.Group multiple {...form.getInputProps("days")}>
          <Group gap={4} role="group" aria-label={text("days")}>
            {DAYS.map((day) => (
              <Chip key={day} value={day} size="sm">
                {text(day)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Input.Wrapper>
    </Group>
  );
}

function Interval<Given extends Values>({ form }: { readonly form: UseFormReturnType<Given> }) {
  const text = useText();
  return (
    <Group align="flex-start">
      <NumberInput label={text("every")} min={1} allowDecimal={false} w={120} {...form.getInputProps("every")} />
      <Select
        label={text("unit")}
        data={UNITS.map((unit) => ({ value: unit, label: text(unit === "days" ? "daysUnit" : unit) }))}
        allowDeselect={false}
        w={140}
        {...form.getInputProps("unit")}
      />
    </Group>
  );
}
