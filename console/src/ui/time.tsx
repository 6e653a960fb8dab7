import { Text, Tooltip } from "@mantine/core";
import { useFormat } from "../i18n/format";

/** A moment, exact to the second when pointed at; `ago` writes how long it is past or ahead. */
export function Time({ value, ago = false }: { readonly value: string | null | undefined; readonly ago?: boolean }) {
  const format = useFormat();
  if (!value) return <>—</>;
  return (
    <Tooltip label={format.exact(value)}>
      <Text span inherit component="time" dateTime={value}>
        {ago ? format.ago(value) : format.time(value)}
      </Text>
    </Tooltip>
  );
}
