/** Inputs of days and instants in the format of the user's language. Days are texts (2026-01-31) without a zone. */
import {
  DatePickerInput,
  type DatePickerInputProps,
  DatesProvider,
  DateTimePicker,
  type DateTimePickerProps,
} from "@mantine/dates";
import "@mantine/dates/styles.layer.css";
import dayjs from "dayjs";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** The days of a period, both included; null where it has no beginning or no end. */
export type Period = [from: string | null, to: string | null];

const DAY = "D MMM YYYY";
const LOCAL = "YYYY-MM-DD HH:mm:ss";

function Localized({ children }: { readonly children: ReactNode }) {
  const { language } = useTranslation().i18n;
  return <DatesProvider settings={{ locale: language, firstDayOfWeek: 1 }}>{children}</DatesProvider>;
}

/** A calendar day. */
export function DayInput(props: Omit<DatePickerInputProps<"default">, "type" | "valueFormat">) {
  return (
    <Localized>
      <DatePickerInput valueFormat={DAY} {...props} />
    </Localized>
  );
}

/** A period of days; one day is a period too. */
export function PeriodInput(props: Omit<DatePickerInputProps<"range">, "type" | "valueFormat">) {
  return (
    <Localized>
      <DatePickerInput type="range" allowSingleDateInRange valueFormat={DAY} {...props} />
    </Localized>
  );
}

type MomentProps = Omit<DateTimePickerProps, "type" | "value" | "onChange" | "valueFormat" | "defaultValue"> & {
  /** With its zone, as the API has it; shown in the zone of the browser. */
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
};

/** A moment: a day and a time of the browser's zone. */
export function MomentInput({ value, onChange, ...props }: MomentProps) {
  return (
    <Localized>
      <DateTimePicker
        valueFormat={`${DAY}, HH:mm`}
        value={value === null ? null : dayjs(value).format(LOCAL)}
        onChange={(local) => onChange(local === null ? null : dayjs(local).toISOString())}
        {...props}
      />
    </Localized>
  );
}
