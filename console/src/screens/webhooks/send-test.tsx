import { Button, Modal, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSend } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client, requireBody } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useMay } from "../../app/session";
import { useAction } from "../../ui/form";
import { isEventOf, type Subscription, useCatalogue } from "./data";
import { useText } from "./texts";

/** A button that sends the example of an event, after a choice of the event. */
export function SendTest({ of }: { readonly of: Subscription }) {
  const text = useText();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  if (!of.is_active || !may("POST /api/webhooks/{subscription_id}/test")) return null;
  return (
    <>
      <Button leftSection={<IconSend size={16} aria-hidden />} onClick={open}>
        {text("test")}
      </Button>
      <Modal opened={opened} onClose={close} title={text("testTitle")}>
        <Choice of={of} onDone={close} />
      </Modal>
    </>
  );
}

function Choice({ of, onDone }: { readonly of: Subscription; readonly onDone: () => void }) {
  const text = useText();
  const navigate = useNavigate();
  const post = useIdempotentPost();
  const { busy, act } = useAction();
  const catalogue = useCatalogue().data ?? [];
  const [event, setEvent] = useState(of.events[0] ?? "");
  const send = async () => {
    if (!isEventOf(catalogue, event)) return;
    const body = { event };
    const path = { subscription_id: of.uuid };
    const sent = await post(body, (headers) =>
      client.POST("/api/webhooks/{subscription_id}/test", { params: { path }, headers, body }),
    );
    const { uuid } = requireBody(sent.data);
    onDone();
    void navigate({ to: "/webhooks/$id", params: { id: of.uuid }, search: { delivery: uuid } });
  };
  const known = catalogue.filter(({ name }) => of.events.includes(name));
  return (
    <Stack>
      <Text size="sm">{text("testHint")}</Text>
      <Select
        label={text("event")}
        allowDeselect={false}
        searchable
        data={known.map((one) => ({ value: one.name, label: `${one.description} · ${one.name}` }))}
        value={event}
        onChange={(next) => setEvent(next ?? event)}
      />
      <Button loading={busy} ml="auto" onClick={() => void act(send, text("testSent"))}>
        {text("testSend")}
      </Button>
    </Stack>
  );
}
