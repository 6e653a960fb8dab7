import { Modal, PasswordInput, Radio, Stack, Text, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";
import { client, requireBody, type Schema } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useUser } from "../../app/session";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { Submit } from "../../ui/submit";
import { isRole, RolesInput } from "./roles";
import { useText as usePeopleText } from "./texts";
import { useText } from "./users-texts";

/** A dialog that makes a user: invited by email, or with a password that is handed over. */
export function NewUser({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const text = useText();
  return (
    <Modal opened={opened} onClose={onClose} title={text("add")}>
      <Form onDone={onClose} />
    </Modal>
  );
}

function Form({ onDone }: { readonly onDone: () => void }) {
  const text = useText();
  const people = usePeopleText();
  const isAdmin = useUser().roles.includes("admin");
  const navigate = useNavigate();
  const post = useIdempotentPost();
  const form = useForm({
    initialValues: { name: "", email: "", roles: ["user"], how: "invitation", password: "" },
    validate: { roles: isNotEmpty(people("roles")) },
  });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit(({ name, email, roles, how, password }) =>
    send(async () => {
      const body: Schema<"UserCreate"> = {
        name: name.trim(),
        email: email.trim(),
        roles: roles.filter(isRole),
        password: how === "password" ? password : null,
      };
      const { data } = await post(body, (headers) => client.POST("/users", { body, headers }));
      notifySuccess(text(how === "password" ? "created" : "createdInvited"));
      onDone();
      void navigate({ to: "/users/$id", params: { id: requireBody(data).data.id } });
    }),
  );
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack>
        <TextInput label={people("name")} required maxLength={200} data-autofocus {...form.getInputProps("name")} />
        <TextInput label={people("email")} type="email" required maxLength={254} {...form.getInputProps("email")} />
        {isAdmin ? (
          <RolesInput {...form.getInputProps("roles")} />
        ) : (
          <Text size="sm" c="dimmed">
            {text("rolesByAdmin")}
          </Text>
        )}
        <Radio.Group label={text("how")} {...form.getInputProps("how")}>
          <Stack gap="xs" mt={4}>
            <Radio value="invitation" label={text("byInvitation")} description={text("byInvitationHint")} />
            <Radio value="password" label={text("byPassword")} description={text("byPasswordHint")} />
          </Stack>
        </Radio.Group>
        {form.values.how === "password" && (
          <PasswordInput
            label={people("password")}
            required
            autoComplete="new-password"
            {...form.getInputProps("password")}
          />
        )}
        <Submit error={error} busy={busy} label={text("create")} />
      </Stack>
    </form>
  );
}
