import { Alert, Button, Card, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { api, client, requireBody, type Schema, SLOW_POLL_MS } from "../../api/client";
import { useMay } from "../../app/session";
import { confirm } from "../../ui/confirm";
import { useAction } from "../../ui/form";
import { Loaded, Nothing } from "../../ui/state";
import { Time } from "../../ui/time";
import { useQueueWords } from "./queues";
import { lossOf } from "./rules";
import { useText } from "./texts";

type DeadLetter = Schema<"DeadLetter">;

/** The dead letters of the queue that is opened. */
export function DeadLetters({ queue, onClose }: { readonly queue: string | undefined; readonly onClose: () => void }) {
  const text = useText();
  const words = useQueueWords();
  return (
    <Modal
      opened={queue !== undefined}
      onClose={onClose}
      size="xl"
      title={queue && text("deadLetters", { name: words(queue) })}
    >
      {queue && <Messages queue={queue} />}
    </Modal>
  );
}

function Messages({ queue }: { readonly queue: string }) {
  const text = useText();
  const params = { path: { queue } };
  // Not polled: SQS counts each read as a receive of the message.
  const query = api.useQuery(
    "get",
    "/api/v1/system/dead-letters/{queue}",
    { params },
    { staleTime: SLOW_POLL_MS, refetchOnWindowFocus: false },
  );
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Nothing>{text("noDeadLetters")}</Nothing>
        ) : (
          <Stack>
            <Alert color="gray" title={text("consequence")}>
              {text(lossOf(queue))}
            </Alert>
            <Group justify="space-between">
              <Text size="sm" c="dimmed">
                {text("deadLettersHint")}
              </Text>
              <MoveBack queue={queue} />
            </Group>
            {items.map((message) => (
              <Shown key={message.id} message={message} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

function Shown({ message }: { readonly message: DeadLetter }) {
  const text = useText();
  return (
    <Card withBorder padding="sm">
      <Stack gap="xs">
        <Text size="xs" c="dimmed">
          {text("sent")} <Time value={message.sent_at} /> · {text("received", { count: message.receive_count })}
          {message.body_cut && ` · ${text("cut")}`}
        </Text>
        {message.error_message && (
          <Text size="sm" c="red" style={{ overflowWrap: "anywhere" }}>
            {message.error_code && `${message.error_code}: `}
            {message.error_message}
          </Text>
        )}
        <Code
          block
          tabIndex={0}
          mah={240}
          style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", overflowY: "auto" }}
        >
          {pretty(message.body)}
        </Code>
      </Stack>
    </Card>
  );
}

/** JSON with indents; another text as it is. */
function pretty(body: string) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function MoveBack({ queue }: { readonly queue: string }) {
  const text = useText();
  const may = useMay();
  const words = useQueueWords();
  const { busy, act } = useAction();
  if (!may("POST /api/v1/system/dead-letters/{queue}/replay")) return null;
  const move = async () => {
    let moved = 0;
    for (let more = true; more; ) {
      const { data } = await client.POST("/api/v1/system/dead-letters/{queue}/replay", { params: { path: { queue } } });
      moved += requireBody(data).moved;
      more = requireBody(data).more && requireBody(data).moved > 0;
    }
    return moved;
  };
  const ask = () =>
    confirm(
      text("replayTitle"),
      <Text size="sm">{text("replayQuestion", { name: words(queue) })}</Text>,
      () => void act(move, (count) => text("replayed", { count })),
      text("replayYes"),
    );
  return (
    <Button leftSection={<IconArrowBackUp size={16} aria-hidden />} loading={busy} onClick={ask}>
      {text("replay")}
    </Button>
  );
}
