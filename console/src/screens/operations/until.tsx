/** The time until an instant, counted down. */
import { Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/format";
import { untilWords } from "./until-words";

/** Without seconds beyond an hour. */
const NEAR = 3_600_000;

/** A moment ahead, as "in 12 s" while it is near, else with its day and time. */
export function Until({ value }: { readonly value: string }) {
  const { language } = useTranslation().i18n;
  const format = useFormat();
  const left = useLeft(value);
  return (
    <Text span inherit component="time" dateTime={value} title={format.exact(value)}>
      {untilWords(left, language) ?? format.time(value)}
    </Text>
  );
}

function useLeft(value: string) {
  const at = new Date(value).getTime();
  const [now, setNow] = useState(Date.now);
  const isNear = at - now < NEAR && at > now;
  useEffect(() => {
    const ticking = window.setInterval(() => setNow(Date.now()), isNear ? 1_000 : 30_000);
    return () => window.clearInterval(ticking);
  }, [isNear]);
  return at - now;
}
