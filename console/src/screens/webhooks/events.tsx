/** The choice of events, with their content. */
import {
  ActionIcon,
  Box,
  Button,
  Checkbox,
  Code,
  Collapse,
  Group,
  Input,
  ScrollArea,
  Stack,
  Tabs,
  Text,
  TextInput,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconSearch } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { api, type Schema } from "../../api/client";
import { Loaded, Nothing } from "../../ui/state";
import { useCatalogue } from "./data";
import { useFormText } from "./form-texts";

type EventType = Schema<"EventTypeView">;

const GROUPS = [
  "batch",
  "product",
  "work_center",
  "report",
  "order",
  "defect",
  "deferred_task",
  "long_task",
  "webhook",
] as const;
const pretty = (value: unknown) => JSON.stringify(value, null, 2);

/** Events in groups, filtered by a search text. */
export function Grouped({
  events,
  height,
  children,
}: {
  readonly events: readonly EventType[];
  readonly height?: number;
  readonly children: (event: EventType) => ReactNode;
}) {
  const text = useFormText();
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const found = events.filter((event) => `${event.name} ${event.description}`.toLowerCase().includes(wanted));
  return (
    <Stack gap="xs">
      <TextInput
        aria-label={text("findEvent")}
        placeholder={text("findEvent")}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {found.length === 0 && <Nothing>{text("noMatch")}</Nothing>}
      <ScrollArea.Autosize mah={height} type="auto" viewportProps={{ tabIndex: -1 }}>
        {GROUPS.map((group) => {
          const mine = found.filter(({ name }) => name.split(".")[0] === group);
          return mine.length === 0 ? null : (
            <Box key={group} role="group" aria-label={text(`group_${group}`)}>
              <Text size="xs" c="dimmed" fw={600}>
                {text(`group_${group}`)}
              </Text>
              {mine.map((event) => (
                <Box key={event.name}>{children(event)}</Box>
              ))}
            </Box>
          );
        })}
      </ScrollArea.Autosize>
    </Stack>
  );
}

/** Checkboxes of events, each with an example. */
export function EventsInput({
  value,
  onChange,
  error,
}: {
  readonly value: readonly string[];
  readonly onChange: (names: string[]) => void;
  readonly error?: ReactNode;
}) {
  const text = useFormText();
  const query = useCatalogue();
  const flip = (name: string) =>
    onChange(value.includes(name) ? value.filter((one) => one !== name) : [...value, name]);
  return (
    <Input.Wrapper
      label={text("events")}
      description={text("eventsHint")}
      error={error}
      labelElement="div"
      withAsterisk
    >
      <Loaded query={query}>
        {(events) => (
          <Stack gap="xs" mt={6}>
            <Group justify="space-between">
              <Text size="sm" role="status">
                {text("chosen", { count: value.length })}
              </Text>
              <Group gap={4}>
                <Button size="compact-xs" variant="subtle" onClick={() => onChange(events.map(({ name }) => name))}>
                  {text("all")}
                </Button>
                <Button size="compact-xs" variant="subtle" onClick={() => onChange([])}>
                  {text("none")}
                </Button>
              </Group>
            </Group>
            <Grouped events={events} height={260}>
              {(event) => (
                <Opened event={event}>
                  <Checkbox
                    py={4}
                    label={event.description}
                    description={event.name}
                    checked={value.includes(event.name)}
                    onChange={() => flip(event.name)}
                  />
                </Opened>
              )}
            </Grouped>
          </Stack>
        )}
      </Loaded>
    </Input.Wrapper>
  );
}

/** An event with a button that shows its content. */
export function Opened({ event, children }: { readonly event: EventType; readonly children: ReactNode }) {
  const text = useFormText();
  const [opened, { toggle }] = useDisclosure();
  return (
    <>
      <Group justify="space-between" wrap="nowrap">
        {children}
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-expanded={opened}
          aria-label={text(opened ? "hideExample" : "showExample", { name: event.name })}
          onClick={toggle}
        >
          <IconChevronDown size={18} aria-hidden style={opened ? { transform: "rotate(180deg)" } : {}} />
        </ActionIcon>
      </Group>
      <Collapse expanded={opened}>{opened && <Example name={event.name} />}</Collapse>
    </>
  );
}

/** The content of an event: an example and the schema. */
export function Example({ name }: { readonly name: string }) {
  const text = useFormText();
  const query = api.useQuery("get", "/api/events/{name}", { params: { path: { name } } }, { staleTime: 600_000 });
  return (
    <Loaded query={query}>
      {({ example, schema }) => (
        <Tabs defaultValue="example" mb="xs">
          <Tabs.List>
            <Tabs.Tab value="example">{text("example")}</Tabs.Tab>
            <Tabs.Tab value="schema">{text("schema")}</Tabs.Tab>
          </Tabs.List>
          {Object.entries({ example, schema }).map(([kind, value]) => (
            <Tabs.Panel key={kind} value={kind} pt={4}>
              <Json label={`${name} · ${text(kind === "schema" ? "schema" : "example")}`} value={value} />
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
    </Loaded>
  );
}

/** A value as JSON; scrolled where it is long. */
export function Json({ label, value }: { readonly label: string; readonly value: unknown }) {
  return (
    <ScrollArea.Autosize mah={320} type="auto" viewportProps={{ tabIndex: 0, role: "group", "aria-label": label }}>
      <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {typeof value === "string" ? value : pretty(value)}
      </Code>
    </ScrollArea.Autosize>
  );
}
