/** The fields of a subscription. */
import { Accordion, NumberInput, Stack, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { EventsInput } from "./events";
import { type Fields, isAddress } from "./fields";
import { useFormText } from "./form-texts";
import { isSecret } from "./secret";

export type Values = Fields & { readonly secret_key: string };

const MORE = "more";

/** The form of a subscription; without a key for an existing one. */
export function useSubscriptionForm(values: Values, hasKey: boolean) {
  const text = useFormText();
  return useForm<Values>({
    initialValues: values,
    validate: {
      url: (url) => (isAddress(url) ? null : text("badUrl")),
      events: (events) => (events.length > 0 ? null : text("noEvent")),
      secret_key: (key) => (!hasKey || isSecret(key) ? null : text("shortSecret")),
    },
  });
}

export function SubscriptionFields({
  form,
  children,
}: {
  readonly form: UseFormReturnType<Values>;
  readonly children?: React.ReactNode;
}) {
  const text = useFormText();
  const [opened, { toggle }] = useDisclosure();
  const isWrong = ["retry_count", "timeout", "notify_email"].some((name) => form.errors[name]);
  return (
    <Stack>
      <TextInput
        label={text("url")}
        description={text("urlHint")}
        placeholder="https://example.com/webhooks"
        required
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        {...form.getInputProps("url")}
      />
      <EventsInput
        value={form.values.events}
        onChange={(events) => form.setFieldValue("events", events.sort())}
        error={form.errors.events}
      />
      {children}
      <Accordion variant="contained" order={3} value={isWrong || opened ? MORE : null} onChange={toggle}>
        <Accordion.Item value={MORE}>
          <Accordion.Control>{text("advanced")}</Accordion.Control>
          <Accordion.Panel>
            <Stack>
              <Whole
                form={form}
                name="retry_count"
                label={text("retries")}
                hint={text("retriesHint")}
                from={0}
                to={10}
              />
              <Whole form={form} name="timeout" label={text("timeout")} hint={text("timeoutHint")} from={1} to={30} />
              <TextInput
                label={text("notify")}
                description={text("notifyHint")}
                type="email"
                {...form.getInputProps("notify_email")}
              />
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}

function Whole(props: {
  readonly form: UseFormReturnType<Values>;
  readonly name: "retry_count" | "timeout";
  readonly label: string;
  readonly hint: string;
  readonly from: number;
  readonly to: number;
}) {
  return (
    <NumberInput
      label={props.label}
      description={props.hint}
      required
      allowDecimal={false}
      min={props.from}
      max={props.to}
      {...props.form.getInputProps(props.name)}
    />
  );
}
