import { DateInput } from "@mantine/dates";
import "@mantine/dates/styles.layer.css";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** A field for a calendar day, as the API has it: 2026-01-31. */
export function Day(props: {
  readonly label: string;
  readonly description?: ReactNode;
  readonly value: string | null | undefined;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly onChange: (day: string | undefined) => void;
}) {
  const { language } = useTranslation().i18n;
  const bounds = { ...(props.min && { minDate: props.min }), ...(props.max && { maxDate: props.max }) };
  return (
    <DateInput
      label={props.label}
      description={props.description}
      value={props.value ?? null}
      onChange={(day) => props.onChange(day ?? undefined)}
      valueFormat="D MMM YYYY"
      locale={language}
      clearable
      {...bounds}
    />
  );
}
