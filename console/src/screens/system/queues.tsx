import { Button, Table, Text } from "@mantine/core";
import { useState } from "react";
import { useFormat } from "../../i18n/format";
import { DeadLetters } from "./dead-letters";
import { deadOf, type Queue, queueName } from "./rules";
import { useText } from "./texts";

/** A function that says what a queue is for. */
export function useQueueWords() {
  const text = useText();
  return (name: string) => {
    const known = queueName(name);
    return known ? text(known) : name;
  };
}

/** The queues with their messages; a button opens the dead letters of a queue. */
export function Queues({ queues }: { readonly queues: readonly Queue[] }) {
  const text = useText();
  const [opened, setOpened] = useState<string>();
  return (
    <>
      <Table.ScrollContainer minWidth={0} type="native">
        <Table withTableBorder striped verticalSpacing="xs" aria-label={text("queues")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text("queue")}</Table.Th>
              <Table.Th ta="right">{text("waiting")}</Table.Th>
              <Table.Th ta="right" visibleFrom="sm">
                {text("inFlight")}
              </Table.Th>
              <Table.Th ta="right" visibleFrom="sm">
                {text("delayed")}
              </Table.Th>
              <Table.Th ta="right">{text("dead")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {queues.map((queue) => (
              <Row key={queue.name} queue={queue} onOpen={() => setOpened(queue.name)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <DeadLetters queue={opened} onClose={() => setOpened(undefined)} />
    </>
  );
}

function Row({ queue, onOpen }: { readonly queue: Queue; readonly onOpen: () => void }) {
  const text = useText();
  const words = useQueueWords();
  const { number } = useFormat();
  const dead = deadOf(queue);
  return (
    <Table.Tr>
      <Table.Td>
        {words(queue.name)}
        <Text size="xs" c="dimmed">
          {queue.name}
        </Text>
      </Table.Td>
      <Table.Td ta="right">{number(queue.messages)}</Table.Td>
      <Table.Td ta="right" visibleFrom="sm">
        {number(queue.in_flight)}
      </Table.Td>
      <Table.Td ta="right" visibleFrom="sm">
        {number(queue.delayed)}
      </Table.Td>
      <Table.Td ta="right">
        {dead === 0 ? (
          <Text span inherit c="dimmed">
            {text("none")}
          </Text>
        ) : (
          <Button
            size="compact-sm"
            color="red"
            variant="light"
            onClick={onOpen}
            aria-label={`${text("show", { count: dead })}, ${words(queue.name)}`}
          >
            {text("show", { count: dead })}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
