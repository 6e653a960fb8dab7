import { Badge } from "@mantine/core";

/** What a state means to who looks at it; every state of the API is shown as one of these. */
export type Tone = "waiting" | "running" | "good" | "bad" | "warning" | "ended";

const COLORS: Record<Tone, string> = {
  waiting: "gray",
  running: "blue",
  good: "teal",
  bad: "red",
  warning: "orange",
  ended: "dark",
};

/** A state in a word; its colour says what the word says, and nothing else. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <Badge color={COLORS[tone]} variant="light" tt="none" miw="max-content" autoContrast>
      {children}
    </Badge>
  );
}
