import { Badge } from "@mantine/core";

/** The meaning of a status; every status of the API has one of these. */
export type Tone = "waiting" | "running" | "good" | "bad" | "warning" | "ended";

const COLORS: Record<Tone, string> = {
  waiting: "gray",
  running: "blue",
  good: "teal",
  bad: "red",
  warning: "orange",
  ended: "dark",
};

/** A status as a coloured word. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <Badge color={COLORS[tone]} variant="light" tt="none" miw="max-content" autoContrast>
      {children}
    </Badge>
  );
}
