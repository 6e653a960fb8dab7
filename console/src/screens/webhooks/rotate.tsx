import { Button, Modal, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { client } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { Submit } from "../../ui/submit";
import { params, type Seen } from "./data";
import { useFormText } from "./form-texts";
import { isSecret, SecretInput, ShownOnce } from "./secret";
import { makeSecret, useRemember } from "./secrets";

/** A dialog that replaces the key of a subscription, and shows the new one once. */
export function Rotate({ seen, onClose }: { readonly seen: Seen; readonly onClose: () => void }) {
  const text = useFormText();
  const [secret, setSecret] = useState<string>();
  return (
    <Modal
      opened
      onClose={onClose}
      title={text("rotateTitle")}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={!secret}
      withCloseButton={!secret}
    >
      {secret ? (
        <ShownOnce secret={secret} actions={<Button onClick={onClose}>{text("close")}</Button>} />
      ) : (
        <Form seen={seen} onDone={setSecret} />
      )}
    </Modal>
  );
}

function Form({ seen, onDone }: { readonly seen: Seen; readonly onDone: (secret: string) => void }) {
  const text = useFormText();
  const post = useIdempotentPost();
  const remember = useRemember();
  const [first] = useState(seen); // the version that the user decided about
  const form = useForm({
    initialValues: { secret_key: makeSecret() },
    validate: { secret_key: (key) => (isSecret(key) ? null : text("shortSecret")) },
  });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit((body) =>
    send(async () => {
      const { path, header } = params(first);
      await post(body, (headers) =>
        client.POST("/api/webhooks/{subscription_id}/rotate_secret", {
          params: { path, header: { ...header, ...headers } },
          body,
        }),
      );
      remember(first.data.uuid, body.secret_key);
      notifySuccess(text("rotated"));
      onDone(body.secret_key);
    }),
  );
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack>
        <Text size="sm">{text("rotateHint")}</Text>
        <SecretInput
          label={text("newKey")}
          onMake={(key) => form.setFieldValue("secret_key", key)}
          {...form.getInputProps("secret_key")}
        />
        <Submit error={error} busy={busy} label={text("rotateDo")} />
      </Stack>
    </form>
  );
}
