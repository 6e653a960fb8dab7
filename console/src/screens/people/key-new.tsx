import { Alert, Button, Code, Modal, Stack, Text, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { IconKey } from "@tabler/icons-react";
import { useState } from "react";
import { address } from "../../api/base";
import { client, requireBody, type Schema } from "../../api/client";
import { Copy } from "../../ui/copy";
import { MomentInput } from "../../ui/dates";
import { useSending } from "../../ui/form";
import { Failure } from "../../ui/state";
import { useText } from "./keys-texts";
import { isRole, RolesInput } from "./roles";
import { useText as usePeopleText } from "./texts";

type Made = Schema<"NewApiKey">;

/** A dialog that makes a key and shows it, once. */
export function NewKey({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const text = useText();
  const [made, setMade] = useState<Made>();
  const close = () => {
    setMade(undefined);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={made ? text("once") : text("make")}
      size={made ? "lg" : "md"}
      closeOnClickOutside={!made}
      closeOnEscape={!made}
      withCloseButton={!made}
    >
      {made ? <Shown made={made} onClose={close} /> : <Form onMade={setMade} />}
    </Modal>
  );
}

function Form({ onMade }: { readonly onMade: (made: Made) => void }) {
  const text = useText();
  const people = usePeopleText();
  const form = useForm({
    initialValues: { name: "", roles: ["engineer"], expires_at: null as string | null },
    validate: { roles: isNotEmpty(people("roles")) },
  });
  const { busy, error, send } = useSending(form);
  // The response must not be stored, so there is no Idempotency-Key; the button is disabled while it runs.
  const submit = form.onSubmit(({ name, roles, expires_at }) =>
    send(async () => {
      const body = { name: name.trim(), roles: roles.filter(isRole), expires_at };
      const { data } = await client.POST("/v1/api-keys", { body });
      onMade(requireBody(data).data);
    }),
  );
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack>
        <TextInput
          label={text("name")}
          description={text("nameHint")}
          placeholder={text("namePlaceholder")}
          required
          maxLength={200}
          data-autofocus
          {...form.getInputProps("name")}
        />
        <RolesInput {...form.getInputProps("roles")} />
        <MomentInput
          label={text("expires")}
          description={text("expiresHint")}
          clearable
          minDate={new Date()}
          value={form.values.expires_at}
          onChange={(moment) => form.setFieldValue("expires_at", moment)}
          error={form.errors.expires_at}
        />
        {error !== undefined && (
          <>
            <Failure error={error} />
            <Text size="sm">{text("timeout")}</Text>
          </>
        )}
        <Button type="submit" loading={busy} ml="auto">
          {text("create")}
        </Button>
      </Stack>
    </form>
  );
}

function Shown({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) {
  const text = useText();
  const command = `curl -s ${address("v1/users/profile")} -H 'X-API-Key: ${made.key}'`;
  return (
    <Stack>
      <Alert color="orange" icon={<IconKey aria-hidden />}>
        {text("onceHint")}
      </Alert>
      <Copied value={made.key} label={text("copyKey")} name={`${text("key")} · ${made.name}`} />
      <Text size="sm">{text("use")}</Text>
      <Copied value={command} label={text("copyCommand")} name="curl" />
      <Button ml="auto" onClick={onClose}>
        {text("saved")}
      </Button>
    </Stack>
  );
}

function Copied({ value, label, name }: { readonly value: string; readonly label: string; readonly name: string }) {
  return (
    <Stack gap={4} align="flex-start">
      <Code block w="100%" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} aria-label={name} role="group">
        {value}
      </Code>
      <Copy value={value}>{label}</Copy>
    </Stack>
  );
}
