import { Card, type CardProps, Group, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface Props extends Omit<CardProps, "children"> {
  readonly title: string;
  /** The size of the heading. */
  readonly heading?: "h4" | "h5";
  /** Shown beside the heading. */
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a screen in a frame, with a heading. */
export function Panel({ title, heading = "h4", tools, children, ...card }: Props) {
  return (
    <Card withBorder component="section" {...card}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size={heading}>
          {title}
        </Title>
        {tools}
      </Group>
      {children}
    </Card>
  );
}
