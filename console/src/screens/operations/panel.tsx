import { Alert, Drawer, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Fact } from "../../ui/facts";
import { Loaded } from "../../ui/state";
import { Time } from "../../ui/time";
import { Actions } from "./acting";
import { DetailsOf } from "./details";
import { useOperation } from "./one";
import { useText as usePanelText } from "./panel-texts";
import { Attempts, Owner, Progressed, StateOf, useTypeName } from "./parts";
import { hasType, type Kind, named, type Operation } from "./rules";
import { useText } from "./texts";
import { Until } from "./until";

/** The panel of the operation that the address names, beside the list. */
export function Panel({ open, onClose }: { readonly open: string | undefined; readonly onClose: () => void }) {
  const text = usePanelText();
  const isNarrow = useMediaQuery("(max-width: 48em)");
  const opened = named(open);
  return (
    <Drawer
      opened={opened !== undefined}
      onClose={onClose}
      position="right"
      size={isNarrow ? "100%" : 560}
      title={text("panel")}
    >
      {opened && <Opened key={open} {...opened} />}
    </Drawer>
  );
}

function Opened({ kind, id }: { readonly kind: Kind; readonly id: string }) {
  const query = useOperation(kind, id);
  return (
    <Loaded query={query}>
      {({ operation, details }) => (
        <Stack>
          <Heading operation={operation} />
          <Actions operation={operation} />
          {operation.error && (
            <Alert color="red" icon={<IconAlertTriangle aria-hidden />} style={{ overflowWrap: "anywhere" }}>
              {operation.error}
            </Alert>
          )}
          <Facts operation={operation} />
          <DetailsOf operation={operation} details={details} />
        </Stack>
      )}
    </Loaded>
  );
}

function Heading({ operation }: { readonly operation: Operation }) {
  const text = useText();
  const typeName = useTypeName();
  return (
    <div>
      <Group gap="xs" mb={4}>
        <StateOf status={operation.status} />
        <Text size="sm" c="dimmed">
          {text(operation.kind)}
          {hasType(operation.kind) && ` · ${typeName(operation.type)}`}
        </Text>
      </Group>
      <Title order={3} size="h4" style={{ overflowWrap: "anywhere" }}>
        {operation.title}
      </Title>
      <Progressed operation={operation} />
    </div>
  );
}

function Facts({ operation }: { readonly operation: Operation }) {
  const text = useText();
  const { next_attempt_at: next, started_at: started, completed_at: ended } = operation;
  return (
    <SimpleGrid cols={{ base: 2, xs: 3 }} component="dl" m={0} spacing="xs">
      <Fact name={text("owner")}>
        <Owner operation={operation} />
      </Fact>
      <Fact name={text("created")}>
        <Time value={operation.created_at} />
      </Fact>
      {operation.attempts !== null && (
        <Fact name={text("attempts")}>
          <Attempts operation={operation} />
        </Fact>
      )}
      {next && (
        <Fact name={text("next")}>
          <Until value={next} />
        </Fact>
      )}
      {started && (
        <Fact name={text("started")}>
          <Time value={started} />
        </Fact>
      )}
      {ended && (
        <Fact name={text("ended")}>
          <Time value={ended} />
        </Fact>
      )}
    </SimpleGrid>
  );
}
