import { Button, Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { FormEvent } from "react";
import { type ReactNode, useEffect } from "react";
import { usePause } from "../ui/countdown";
import { Languages } from "./language";
import { Refusal } from "./refusal";

/** The frame of the pages before the login. */
export function PublicPage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
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

/** A form in that frame: its fields, the error, and its button, disabled as long as the API demands. */
export function PublicForm({
  onSubmit,
  error,
  busy,
  label,
  children,
}: {
  readonly onSubmit: (event?: FormEvent<HTMLFormElement>) => void;
  readonly error: unknown;
  readonly busy: boolean;
  readonly label: string;
  readonly children: ReactNode;
}) {
  const pause = usePause(error);
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        {children}
        <Refusal error={error} pause={pause} />
        <Button type="submit" loading={busy} disabled={pause > 0}>
          {label}
        </Button>
      </Stack>
    </form>
  );
}
