import { Card, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** What is known about a thing: names and values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <Card withBorder>
      <SimpleGrid cols={{ base: 1, xs: 2, sm: 3, lg: 5 }} component="dl" m={0}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text component="dt" size="xs" c="dimmed">
              {name}
            </Text>
            <Text component="dd" m={0} style={{ overflowWrap: "anywhere" }}>
              {value}
            </Text>
          </div>
        ))}
      </SimpleGrid>
    </Card>
  );
}
