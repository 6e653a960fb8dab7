import { Badge } from "@mantine/core";

/** What a state means to who looks at it; every state of the API is shown as one of these. */
export type Mood = "waiting" | "running" | "good" | "bad" | "warning" | "ended";

const COLORS: Record<Mood, string> = {
  waiting: "gray",
  running: "blue",
  good: "teal",
  bad: "red",
  warning: "orange",
  ended: "dark",
};

/** A state in a word; its colour says what the word says, and nothing else. */
export function Status({ mood, children }: { readonly mood: Mood; readonly children: string }) {
  return (
    <Badge color={COLORS[mood]} variant="light" tt="none" miw="max-content" autoContrast>
      {children}
    </Badge>
  );
}
