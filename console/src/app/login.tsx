import { Alert, Checkbox, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useEffect, useRef, useState } from "react";
import { texts } from "../i18n";
import { TextLink } from "../ui/link";
import { PublicForm, PublicPage } from "./public-page";
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
    expired: "Время входа истекло или пароль изменён. Войдите снова, и откроется та же страница.",
  },
  {
    title: "Log in",
    email: "Email",
    password: "Password",
    keep: "Stay logged in while this tab is open",
    enter: "Log in",
    forgot: "Forgot the password?",
    expired: "The login has expired or the password was changed. Log in again, and the same page opens.",
  },
);

/** The login. The address keeps the screen that was asked for, which opens after it. */
export function Login({ expired }: { readonly expired: boolean }) {
  const text = useText();
  const { logIn } = useSession();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const form = useForm({ initialValues: { email: "", password: "", keep: false } });
  useEffect(() => first.current?.focus(), []);
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
    <PublicPage title={text("title")}>
      <PublicForm onSubmit={submit} error={error} busy={busy} label={text("enter")}>
        {expired && error === undefined && (
          <Alert color="gray" role="status">
            {text("expired")}
          </Alert>
        )}
        <TextInput
          ref={first}
          label={text("email")}
          type="email"
          name="email"
          autoComplete="username"
          required
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
      </PublicForm>
      <TextLink size="sm" to="/link/$kind" params={{ kind: "forgot" }}>
        {text("forgot")}
      </TextLink>
    </PublicPage>
  );
}
