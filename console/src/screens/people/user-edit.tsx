import { TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client, withEtag } from "../../api/client";
import { useUser } from "../../app/session";
import { errorsOf } from "../../ui/form";
import { EditForm, useSaving } from "../../ui/merge";
import { notifySuccess } from "../../ui/notify";
import type { Person } from "../../ui/people";
import { isRole, RolesInput } from "./roles";
import { useText as usePeopleText } from "./texts";
import { useText } from "./users-texts";

interface Fields {
  [name: string]: unknown;
  name: string;
  email: string;
  roles: string[];
}

const fieldsOf = ({ name, email, roles }: Person): Fields => ({ name, email: email ?? "", roles });

/** Changes the name, the email and, as an administrator, the roles of a user. */
export function EditUser({
  user,
  etag,
  withRoles = true,
  onDone,
}: {
  readonly user: Person;
  readonly etag: string;
  readonly withRoles?: boolean;
  readonly onDone: () => void;
}) {
  const people = usePeopleText();
  const hasRoles = useUser().roles.includes("admin") && withRoles;
  const [begun] = useState({ values: fieldsOf(user), etag }); // the version that the form starts from
  const form = useForm({ initialValues: begun.values, validate: { roles: isNotEmpty(people("roles")) } });
  const saving = useUserSaving(user.id, onDone);
  const { setErrors, getValues } = form;
  const fields = errorsOf(saving.error, getValues());
  useEffect(() => {
    const named = errorsOf(saving.error, getValues());
    if (named) setErrors(named);
  }, [saving.error, setErrors, getValues]);
  const word = (role: string) => (isRole(role) ? people(role) : role);
  return (
    <EditForm
      saving={saving}
      labels={{ name: people("name"), email: people("email"), roles: people("roles") }}
      show={(name, value) => (name === "roles" ? (value as string[]).map(word).join(", ") : String(value))}
      error={fields ? null : saving.error}
      onDiscard={onDone}
      onSubmit={form.onSubmit((values) => saving.save(begun, values))}
    >
      <TextInput label={people("name")} required maxLength={200} data-autofocus {...form.getInputProps("name")} />
      <TextInput
        label={people("email")}
        type="email"
        required={user.email !== null}
        maxLength={254}
        {...form.getInputProps("email")}
      />
      {hasRoles && <RolesInput {...form.getInputProps("roles")} />}
    </EditForm>
  );
}

function useUserSaving(id: string, onDone: () => void) {
  const text = useText();
  const queries = useQueryClient();
  return useSaving<Fields>({
    read: async () => {
      const { data, etag } = await withEtag(client.GET("/users/{user_id}", { params: { path: { user_id: id } } }));
      return { values: fieldsOf(data.data), etag };
    },
    send: ({ name, email, roles }, etag) =>
      client.PUT("/users/{user_id}", {
        params: { path: { user_id: id }, header: { "If-Match": etag } },
        body: { name: name?.trim() ?? null, email: email?.trim() || null, roles: roles?.filter(isRole) ?? null },
      }),
    onSaved: () => {
      notifySuccess(text("saved"));
      void queries.invalidateQueries();
      onDone();
    },
  });
}
