import { Anchor, Button, Center, Checkbox, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { texts } from "../i18n";
import { Failure } from "../ui/state";
import { useSession } from "./session";

const useText = texts(
  "login",
  {
    title: "Вход",
    email: "Электронная почта",
    password: "Пароль",
    keep: "Не выходить, пока открыта вкладка",
    enter: "Войти",
    forgot: "Забыли пароль?",
    expired: "Время входа истекло или пароль изменён. Войдите снова.",
  },
  {
    title: "Log in",
    email: "Email",
    password: "Password",
    keep: "Stay logged in while this tab is open",
    enter: "Log in",
    forgot: "Forgot the password?",
    expired: "The login has expired or the password was changed. Log in again.",
  },
);

export function Login({ expired }: { readonly expired: boolean }) {
  const text = useText();
  const { logIn } = useSession();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const form = useForm({ initialValues: { email: "", password: "", keep: false } });
  useEffect(() => {
    document.title = `${text("title")} · Shopfloor`;
  }, [text]);
  const submit = form.onSubmit(async ({ email, password, keep }) => {
    setBusy(true);
    setError(undefined);
    try {
      await logIn(email.trim(), password, keep);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  });
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w="100%" maw={400} radius="md">
        <form onSubmit={submit}>
          <Stack>
            <Title order={1} size="h2">
              Shopfloor
            </Title>
            {expired && (
              <Text size="sm" c="dimmed" role="status">
                {text("expired")}
              </Text>
            )}
            <TextInput
              label={text("email")}
              type="email"
              name="email"
              autoComplete="username"
              required
              data-autofocus
              {...form.getInputProps("email")}
            />
            <PasswordInput
              label={text("password")}
              name="password"
              autoComplete="current-password"
              required
              {...form.getInputProps("password")}
            />
            <Checkbox label={text("keep")} {...form.getInputProps("keep", { type: "checkbox" })} />
            {error !== undefined && <Failure error={error} />}
            <Button type="submit" loading={busy}>
              {text("enter")}
            </Button>
            <Anchor size="sm" renderRoot={(props) => <Link to="/link/forgot" {...props} />}>
              {text("forgot")}
            </Anchor>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
