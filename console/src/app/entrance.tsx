import { Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { Languages } from "./language";

/** The frame of what is shown to who is not logged in. */
export function Entrance({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Shopfloor`;
  }, [title]);
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w="100%" maw={420} radius="md">
        <Stack>
          <Group justify="space-between" align="flex-start" wrap="nowrap">
            <div>
              <Text size="sm" c="dimmed" fw={600}>
                Shopfloor
              </Text>
              <Title order={1} size="h2">
                {title}
              </Title>
            </div>
            <Languages />
          </Group>
          {children}
        </Stack>
      </Paper>
    </Center>
  );
}
