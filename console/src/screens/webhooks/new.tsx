import { Button, Group, Modal, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client, requireBody, type Schema } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { Submit } from "../../ui/submit";
import { BLANK } from "./fields";
import { SubscriptionFields, useSubscriptionForm } from "./form";
import { useFormText } from "./form-texts";
import { SecretInput, ShownOnce } from "./secret";
import { makeSecret, useRemember } from "./secrets";
import { useText } from "./texts";

interface Made {
  readonly id: string;
  readonly secret: string;
}

/** A dialog that makes a subscription, and then shows its key. */
export function NewSubscription({
  events,
  onClose,
}: {
  readonly events: readonly string[];
  readonly onClose: () => void;
}) {
  const text = useText();
  const formText = useFormText();
  const [made, setMade] = useState<Made>();
  return (
    <Modal
      opened
      onClose={onClose}
      title={made ? formText("made") : text("make")}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={!made}
      withCloseButton={!made}
    >
      {made ? <Shown made={made} /> : <Form events={events} onMade={setMade} />}
    </Modal>
  );
}

function Form({ events, onMade }: { readonly events: readonly string[]; readonly onMade: (made: Made) => void }) {
  const text = useFormText();
  const post = useIdempotentPost();
  const remember = useRemember();
  const [secret] = useState(makeSecret);
  const form = useSubscriptionForm({ ...BLANK, events: [...events], secret_key: secret }, true);
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit((values) =>
    send(async () => {
      const body = { ...values, url: values.url.trim() } as Schema<"SubscriptionCreate">; // names are of the catalogue
      const { data } = await post(body, (headers) => client.POST("/api/webhooks", { body, headers }));
      const { uuid } = requireBody(data);
      remember(uuid, values.secret_key);
      notifySuccess(text("made"));
      onMade({ id: uuid, secret: values.secret_key });
    }),
  );
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack>
        <SubscriptionFields form={form}>
          <SecretInput
            label={text("secret")}
            description={text("secretHint")}
            onMake={(key) => form.setFieldValue("secret_key", key)}
            {...form.getInputProps("secret_key")}
          />
        </SubscriptionFields>
        <Submit error={error} busy={busy} label={text("create")} />
      </Stack>
    </form>
  );
}

function Shown({ made: { id, secret } }: { readonly made: Made }) {
  const text = useFormText();
  const navigate = useNavigate();
  const open = (tab?: string) => void navigate({ to: "/webhooks/$id", params: { id }, search: tab ? { tab } : {} });
  return (
    <ShownOnce
      secret={secret}
      actions={
        <Group gap="xs">
          <Button variant="default" onClick={() => open("verify")}>
            {text("toVerify")}
          </Button>
          <Button onClick={() => open()}>{text("toSubscription")}</Button>
        </Group>
      }
    />
  );
}
