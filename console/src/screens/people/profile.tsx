import { Alert, Card, PasswordInput, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { client, requireBody, withEtag } from "../../api/client";
import { useMay, useSession, useUser } from "../../app/session";
import { Facts } from "../../ui/facts";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { Page } from "../../ui/page";
import { Loaded } from "../../ui/state";
import { Submit } from "../../ui/submit";
import { useText } from "./profile-texts";
import { MyQuotas } from "./quotas";
import { Roles } from "./roles";
import { MyStats } from "./stats";
import { useText as usePeopleText } from "./texts";
import { EditUser } from "./user-edit";

/** Oneself: name, email, password, roles, quotas. */
export function Profile() {
  const text = useText();
  const people = usePeopleText();
  const may = useMay();
  const { state, again } = useSession();
  const isOpen = state.is === "in" && state.open;
  const me = useUser();
  const [edits, setEdits] = useState(0);
  const query = useQuery({
    queryKey: ["user", me.id],
    queryFn: () => withEtag(client.GET("/users/{user_id}", { params: { path: { user_id: me.id } } })),
  });
  const edited = async () => {
    await Promise.all([again(), query.refetch()]);
    setEdits(edits + 1); // the form starts again with the current values
  };
  return (
    <Page title={text("title")}>
      <Loaded query={query}>
        {({ data: { data: user }, etag }) => (
          <>
            {isOpen && <Alert color="orange">{text("open")}</Alert>}
            {user.is_machine && <Alert color="gray">{text("machine")}</Alert>}
            <Facts
              facts={[
                [people("name"), user.name],
                [people("email"), user.email ?? "—"],
                [people("roles"), <Roles key="roles" roles={user.roles} />],
                [people("number"), user.number],
              ]}
            />
            {!isOpen && !user.is_machine && (
              <SimpleGrid cols={{ base: 1, md: 2 }}>
                <Part title={text("about")}>
                  <EditUser key={edits} user={user} etag={etag} withRoles={false} onDone={() => void edited()} />
                </Part>
                <Part title={text("passwordTitle")}>
                  <PasswordForm email={user.email ?? ""} />
                </Part>
              </SimpleGrid>
            )}
          </>
        )}
      </Loaded>
      <Part title={text("quotas")}>
        <MyQuotas />
      </Part>
      {may("GET /orders/my-stats") && <MyStats />}
    </Page>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card withBorder>
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      {children}
    </Card>
  );
}

function PasswordForm({ email }: { readonly email: string }) {
  const text = useText();
  const people = usePeopleText();
  const { take } = useSession();
  const form = useForm({
    initialValues: { old_password: "", new_password: "", repeated: "" },
    validate: {
      repeated: (repeated, { new_password }) => (repeated === new_password ? null : people("different")),
    },
  });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit(({ old_password, new_password }) =>
    send(async () => {
      const { data } = await client.PUT("/v1/users/password", { body: { old_password, new_password } });
      await take(requireBody(data).data.token);
      form.reset();
      notifySuccess(text("changed"));
    }),
  );
  const field = (name: "old_password" | "new_password" | "repeated", label: string, complete: string) => (
    <PasswordInput label={label} required autoComplete={complete} {...form.getInputProps(name)} />
  );
  return (
    <form onSubmit={submit}>
      <Stack>
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        {field("old_password", text("old"), "current-password")}
        {field("new_password", people("newPassword"), "new-password")}
        {field("repeated", people("repeat"), "new-password")}
        <Text size="sm" c="dimmed">
          {text("changeHint")}
        </Text>
        <Submit error={error} busy={busy} label={text("change")} />
      </Stack>
    </form>
  );
}
