/** Recurring times in words: the cron expression or rate of a schedule. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { texts } from "../i18n";

const useText = texts(
  "cron",
  {
    everySecond: "Каждую секунду",
    everyMinute: "Каждую минуту",
    everyHour: "Каждый час",
    everyDay: "Каждый день",
    second_one: "Каждую {{count}} секунду",
    second_few: "Каждые {{count}} секунды",
    second_many: "Каждые {{count}} секунд",
    second_other: "Каждые {{count}} секунды",
    minute_one: "Каждую {{count}} минуту",
    minute_few: "Каждые {{count}} минуты",
    minute_many: "Каждые {{count}} минут",
    minute_other: "Каждые {{count}} минуты",
    hour_one: "Каждый {{count}} час",
    hour_few: "Каждые {{count}} часа",
    hour_many: "Каждые {{count}} часов",
    hour_other: "Каждые {{count}} часа",
    day_one: "Каждый {{count}} день",
    day_few: "Каждые {{count}} дня",
    day_many: "Каждые {{count}} дней",
    day_other: "Каждые {{count}} дня",
  },
  {
    everySecond: "Every second",
    everyMinute: "Every minute",
    everyHour: "Every hour",
    everyDay: "Every day",
    second_one: "Every {{count}} second",
    second_other: "Every {{count}} seconds",
    minute_one: "Every {{count}} minute",
    minute_other: "Every {{count}} minutes",
    hour_one: "Every {{count}} hour",
    hour_other: "Every {{count}} hours",
    day_one: "Every {{count}} day",
    day_other: "Every {{count}} days",
  },
);

const SINGLE = { second: "everySecond", minute: "everyMinute", hour: "everyHour", day: "everyDay" } as const;
const UNITS = ["second", "minute", "hour", "day"] as const;

/** The number and the unit of a rate ("5 minutes"). */
export function rateOf(rate: string): { readonly count: number; readonly unit: (typeof UNITS)[number] } | undefined {
  const [, count, word] = /^(\d+) (second|minute|hour|day)s?$/.exec(rate.trim()) ?? [];
  const unit = UNITS.find((one) => one === word);
  return unit && { count: Number(count), unit };
}

/** A cron expression in words of the current language; undefined while the words load, or when invalid. */
export function useCronWords(cron: string | null | undefined): string | undefined {
  const { language } = useTranslation().i18n;
  const query = useQuery({
    queryKey: ["cron-words"],
    queryFn: () => import("./cron-words"),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: Boolean(cron),
  });
  return cron ? query.data?.cronWords(cron, language) : undefined;
}

interface Props {
  readonly cron?: string | null | undefined;
  readonly rate?: string | null | undefined;
  /** Shown when it is not the time zone of the browser. */
  readonly timeZone?: string | null | undefined;
}

/** The times of a schedule in words, or the expression itself. */
export function Recurrence({ cron, rate, timeZone }: Props) {
  const text = useText();
  const words = useCronWords(cron);
  const read = rate ? rateOf(rate) : undefined;
  const every = read && (read.count === 1 ? text(SINGLE[read.unit]) : text(read.unit, { count: read.count }));
  const said = words ?? every ?? rate ?? cron ?? "—";
  const isElsewhere = cron && timeZone && timeZone !== Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Text span inherit title={cron ?? rate ?? undefined}>
      {said}
      {isElsewhere && (
        <Text span inherit c="dimmed">
          {" "}
          ({timeZone})
        </Text>
      )}
    </Text>
  );
}
