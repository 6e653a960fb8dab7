import { Alert, Code, List, PasswordInput, Stack, Table, Tabs, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useState } from "react";
import { Copy } from "../../ui/copy";
import { LANGUAGES, receiver } from "./receivers";
import { useRemember, useSecret } from "./secrets";
import { useVerifyText } from "./verify-texts";

const PLACEHOLDER = "whsec_...";
const NAMES = Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]; // Object.keys forgets what the keys are

/** The code with which a receiver verifies deliveries, with the key of the subscription when this tab has it. */
export function Verify({ id }: { readonly id: string }) {
  const text = useVerifyText();
  const known = useSecret(id);
  return (
    <Stack maw={860}>
      <Text size="sm">{text("intro")}</Text>
      {known ? (
        <Alert color="teal" icon={<IconKey aria-hidden />}>
          {text("filled")}
        </Alert>
      ) : (
        <OwnKey id={id} />
      )}
      <Programs secret={known ?? PLACEHOLDER} />
      <List size="sm" spacing={4}>
        <List.Item>{text("bytes")}</List.Item>
        <List.Item>{text("answer")}</List.Item>
        <List.Item>{text("twice")}</List.Item>
        <List.Item>{text("clock")}</List.Item>
      </List>
      <Headers />
    </Stack>
  );
}

function OwnKey({ id }: { readonly id: string }) {
  const text = useVerifyText();
  const remember = useRemember();
  const [typed, setTyped] = useState("");
  return (
    <PasswordInput
      label={text("own")}
      description={text("ownHint")}
      autoComplete="off"
      maxLength={256}
      maw={480}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => typed && remember(id, typed)}
      onKeyDown={(event) => event.key === "Enter" && typed && remember(id, typed)}
    />
  );
}

function Programs({ secret }: { readonly secret: string }) {
  const text = useVerifyText();
  return (
    <Tabs defaultValue={NAMES[0] ?? ""} keepMounted={false}>
      <Tabs.List>
        {NAMES.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {NAMES.map((name) => (
        <Tabs.Panel key={name} value={name} pt="xs">
          <Stack gap="xs" align="flex-start">
            <Code block fz="xs" w="100%" tabIndex={0} role="group" aria-label={name}>
              {receiver(name, secret)}
            </Code>
            <Copy value={receiver(name, secret)}>{text("copy")}</Copy>
          </Stack>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function Headers() {
  const text = useVerifyText();
  const headers = [
    ["webhook-id", text("idHeader")],
    ["webhook-timestamp", text("timeHeader")],
    ["webhook-signature", text("signatureHeader")],
    ["X-Webhook-Signature", text("oldHeader")],
    ["X-Webhook-Event", text("eventHeader")],
    ["X-Webhook-Test", text("testHeader")],
  ] as const;
  return (
    <Table withTableBorder captionSide="top" fz="sm">
      <Table.Caption>{text("headers")}</Table.Caption>
      <Table.Tbody>
        {headers.map(([name, meaning]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={400}>
              <Code>{name}</Code>
            </Table.Th>
            <Table.Td>{meaning}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
