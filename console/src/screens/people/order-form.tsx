/** The forms of a new order and of the lines of an order. */
import { ActionIcon, Button, Group, Modal, NumberInput, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { client, requireBody } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useMay, useUser } from "../../app/session";
import { useFormat, useNumberInput } from "../../i18n/format";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { PersonSelect } from "../../ui/people";
import { Submit } from "../../ui/submit";
import { amountOf, EMPTY, type Line, MOST, sent } from "./orders-rules";
import { useText } from "./orders-texts";

interface Lines {
  readonly items: Line[];
}

/** A dialog that creates an order: of the current user, or of a chosen one. */
export function NewOrder({
  opened,
  onClose,
  user,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly user?: string;
}) {
  const text = useText();
  return (
    <Modal opened={opened} onClose={onClose} title={text("make")} size="lg">
      <Form {...(user && { user })} onDone={onClose} />
    </Modal>
  );
}

function Form({ user, onDone }: { readonly user?: string; readonly onDone: () => void }) {
  const text = useText();
  const may = useMay();
  const me = useUser();
  const navigate = useNavigate();
  const post = useIdempotentPost();
  const form = useForm({
    initialValues: { user_id: user ?? me.id, items: [EMPTY] },
    validate: { user_id: (id) => (id ? null : text("whose")), items: useLineRules() },
  });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit(({ user_id, items }) =>
    send(async () => {
      const body = { user_id, items: sent(items) };
      const { data } = await post(body, (headers) => client.POST("/orders", { body, headers }));
      notifySuccess(text("made"));
      onDone();
      void navigate({ to: "/orders/$id", params: { id: requireBody(data).data.id } });
    }),
  );
  return (
    // The form checks itself: the browser would miss the customer whose name has not been loaded yet.
    <form onSubmit={submit} noValidate>
      <Stack>
        {may("POST /orders") === "yes" && may("GET /users") && (
          <PersonSelect
            label={text("whose")}
            required
            value={form.values.user_id}
            onChange={(id) => form.setFieldValue("user_id", id ?? "")}
            error={form.errors.user_id}
          />
        )}
        <LineInputs form={form} />
        <Submit error={error} busy={busy} label={text("submit")} />
      </Stack>
    </form>
  );
}

/** The rules of a line, for `validate` of a form. */
export function useLineRules() {
  const text = useText();
  return {
    product: (product: string) => (product.trim() ? null : text("fill")),
    quantity: (quantity: Line["quantity"]) => (Number(quantity) >= 1 ? null : text("fill")),
    price: (price: Line["price"]) => (Number(price) >= 0.01 ? null : text("fill")),
  };
}

/** The lines of an order as inputs, with their sum. */
export function LineInputs<Values extends Lines>({ form }: { readonly form: UseFormReturnType<Values> }) {
  const text = useText();
  const { money } = useFormat();
  const lines = form.values.items;
  // A form with more fields has the field `items` too.
  const items = form as unknown as UseFormReturnType<Lines>;
  return (
    <Stack gap="xs">
      {lines.map((_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no ids
        <LineInput key={index} form={items} index={index} isOnly={lines.length === 1} />
      ))}
      {form.errors.items && (
        <Text c="red" size="sm" role="alert">
          {form.errors.items}
        </Text>
      )}
      <Group justify="space-between">
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          disabled={lines.length >= MOST.lines}
          onClick={() => items.insertListItem("items", EMPTY)}
        >
          {text("addLine")}
        </Button>
        <Text role="status">
          {text("total")}: <b>{money(amountOf(lines))}</b>
        </Text>
      </Group>
    </Stack>
  );
}

function LineInput({
  form,
  index,
  isOnly,
}: {
  readonly form: UseFormReturnType<Lines>;
  readonly index: number;
  readonly isOnly: boolean;
}) {
  const text = useText();
  const written = useNumberInput();
  const at = `items.${index}`;
  const remove = text("removeLine", { number: index + 1 });
  return (
    <Group gap="xs" align="flex-start" role="group" aria-label={text("line", { number: index + 1 })}>
      <TextInput
        label={text("product")}
        required
        flex="1 1 200px"
        maxLength={200}
        data-autofocus={index === 0 || undefined}
        {...form.getInputProps(`${at}.product`)}
      />
      <NumberInput
        label={text("quantity")}
        required
        w={110}
        min={1}
        max={MOST.quantity}
        allowDecimal={false}
        allowNegative={false}
        {...written}
        {...form.getInputProps(`${at}.quantity`)}
      />
      <NumberInput
        label={text("price")}
        required
        w={130}
        min={0.01}
        max={MOST.price}
        decimalScale={2}
        allowNegative={false}
        hideControls
        {...written}
        {...form.getInputProps(`${at}.price`)}
      />
      <Tooltip label={remove}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          mt={24}
          aria-label={remove}
          disabled={isOnly}
          onClick={() => form.removeListItem("items", index)}
        >
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
