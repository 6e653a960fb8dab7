/** The actions on a user. */
import { Alert, Button, Modal, PasswordInput, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconEdit, IconKey, IconMail, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "../../api/client";
import { ApiError } from "../../api/errors";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useMay, useUser } from "../../app/session";
import { confirm } from "../../ui/confirm";
import { useAction, useSending } from "../../ui/form";
import { notifyError, notifySuccess } from "../../ui/notify";
import type { Person } from "../../ui/people";
import { Submit } from "../../ui/submit";
import { useText as usePeopleText } from "./texts";
import { EditUser } from "./user-edit";
import { useText } from "./users-texts";

/** The number of the built-in administrator, who acts where no login is needed and has no account to change. */
const BUILT_IN = 1;

interface Props {
  readonly user: Person;
  /** The version that is shown, and that is changed. */
  readonly etag: string;
}

/** The buttons of a user. The account of an API key cannot be changed. */
export function UserActions({ user, etag }: Props) {
  const may = useMay();
  const me = useUser();
  if (user.number === BUILT_IN) return null;
  const changes = may("PUT /users/{user_id}");
  const isChangeable = !user.is_machine && (changes === "yes" || (changes === "own" && user.id === me.id));
  const isInvited = !user.is_machine && user.email !== null && !user.email_confirmed;
  const isDeletable = user.id !== me.id && (!user.is_machine || user.roles.length === 0);
  return (
    <>
      {isChangeable && <Edit user={user} etag={etag} />}
      {isInvited && may("POST /users/{user_id}/invitation") && <Invite user={user} />}
      {!user.is_machine && user.email !== null && may("PUT /users/{user_id}/password") && (
        <SetPassword user={user} etag={etag} />
      )}
      {isDeletable && may("DELETE /users/{user_id}") && <Remove user={user} etag={etag} />}
    </>
  );
}

function Edit({ user, etag }: Props) {
  const people = usePeopleText();
  const [editing, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconEdit size={16} aria-hidden />} onClick={open}>
        {people("edit")}
      </Button>
      <Modal opened={editing} onClose={close} title={user.name}>
        <EditUser user={user} etag={etag} onDone={close} />
      </Modal>
    </>
  );
}

function Invite({ user }: { readonly user: Person }) {
  const text = useText();
  const post = useIdempotentPost();
  const { busy, act } = useAction();
  const invite = () =>
    post(user.id, (headers) =>
      client.POST("/users/{user_id}/invitation", { params: { path: { user_id: user.id } }, headers }),
    );
  return (
    <Button
      variant="default"
      loading={busy}
      leftSection={<IconMail size={16} aria-hidden />}
      onClick={() => void act(invite, text("invited"))}
    >
      {text("invite")}
    </Button>
  );
}

function SetPassword({ user, etag }: Props) {
  const text = useText();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconKey size={16} aria-hidden />} onClick={open}>
        {text("setPassword")}
      </Button>
      <Modal opened={opened} onClose={close} title={text("setPassword")}>
        <PasswordForm user={user} etag={etag} onDone={close} />
      </Modal>
    </>
  );
}

function PasswordForm({ user, etag, onDone }: Props & { readonly onDone: () => void }) {
  const text = useText();
  const people = usePeopleText();
  const form = useForm({ initialValues: { password: "" } });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit((body) =>
    send(async () => {
      const params = { path: { user_id: user.id }, header: { "If-Match": etag } };
      await client.PUT("/users/{user_id}/password", { params, body });
      notifySuccess(text("passwordSet"));
      onDone();
    }),
  );
  return (
    <form onSubmit={submit}>
      <Stack>
        <Alert color="orange">{text("passwordWarning")}</Alert>
        <PasswordInput
          label={people("newPassword")}
          required
          autoComplete="new-password"
          data-autofocus
          {...form.getInputProps("password")}
        />
        <Submit error={error} busy={busy} label={people("save")} />
      </Stack>
    </form>
  );
}

/** Deletes a user; with orders after a second confirmation. */
function Remove({ user, etag }: Props) {
  const text = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const remove = async (cascade: boolean) => {
    setBusy(true);
    try {
      const params = { path: { user_id: user.id }, query: { cascade }, header: { "If-Match": etag } };
      await client.DELETE("/users/{user_id}", { params });
      notifySuccess(text("deleted"));
      await navigate({ to: "/users" });
      void queries.invalidateQueries();
    } catch (refused) {
      const hasOrders = refused instanceof ApiError && refused.status === 409 && !cascade && !user.is_machine;
      if (hasOrders) askCascade();
      else notifyError(refused);
    } finally {
      setBusy(false);
    }
  };
  const { name } = user;
  const askCascade = () =>
    confirm(text("cascadeTitle"), text("cascadeQuestion", { name }), () => void remove(true), text("cascade"));
  const ask = () =>
    confirm(text("deleteTitle"), text("deleteQuestion", { name }), () => void remove(false), text("delete"));
  return (
    <Button variant="default" loading={busy} leftSection={<IconTrash size={16} aria-hidden />} onClick={ask}>
      {text("delete")}
    </Button>
  );
}
