import { Card, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";

type Size = "sm" | "md";

/** The name of a value, and the value below it; stands in a `dl`. */
export function Fact({
  name,
  size = "sm",
  children,
}: {
  readonly name: string;
  readonly size?: Size;
  readonly children: ReactNode;
}) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} size={size} style={{ overflowWrap: "anywhere", whiteSpace: "pre-line" }}>
        {children}
      </Text>
    </div>
  );
}

/** The names and values of a record. */
export function Facts({
  facts,
  size = "md",
}: {
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
  readonly size?: Size;
}) {
  return (
    <Card withBorder>
      <SimpleGrid cols={{ base: 1, xs: 2, sm: 3, lg: 5 }} component="dl" m={0}>
        {facts.map(([name, value]) => (
          <Fact key={name} name={name} size={size}>
            {value}
          </Fact>
        ))}
      </SimpleGrid>
    </Card>
  );
}
