/** The pages that emails link to, without a login. */
import { Alert, Button, PasswordInput, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconLinkOff, IconMailCheck } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client, requireBody } from "../../api/client";
import { ApiError } from "../../api/errors";
import { PublicForm, PublicPage } from "../../app/public-page";
import { useSession } from "../../app/session";
import { useSending } from "../../ui/form";
import { ButtonLink, TextLink } from "../../ui/link";
import { notifySuccess } from "../../ui/notify";
import { useText } from "./link-texts";
import { link as route } from "./routes";

type Kind = "invitation" | "reset";

/** `forgot` asks for an email; `invitation` and `reset` set a password by the token of a link. */
export function FromEmail() {
  const text = useText();
  const { kind } = route.useParams();
  const { token } = route.useSearch();
  if (kind === "forgot") return <Forgot />;
  if (kind !== "invitation" && kind !== "reset")
    return (
      <PublicPage title={text("unknown")}>
        <ToLogin />
      </PublicPage>
    );
  return token ? (
    <SetPassword kind={kind} token={token} />
  ) : (
    <PublicPage title={text("broken")}>
      <Text>{text("brokenHint")}</Text>
      <Another />
      <ToLogin />
    </PublicPage>
  );
}

function Forgot() {
  const text = useText();
  const [sent, setSent] = useState<{ readonly email: string; readonly message: string }>();
  if (sent)
    return (
      <PublicPage title={text("sent")}>
        <Alert color="teal" icon={<IconMailCheck aria-hidden />} role="status">
          {sent.message}
        </Alert>
        <Text size="sm">{text("sentHint", { email: sent.email })}</Text>
        <Button variant="default" onClick={() => setSent(undefined)}>
          {text("other")}
        </Button>
        <ToLogin />
      </PublicPage>
    );
  return (
    <PublicPage title={text("forgot")}>
      <ForgotForm onSent={(email, message) => setSent({ email, message })} />
      <ToLogin />
    </PublicPage>
  );
}

function ForgotForm({ onSent }: { readonly onSent: (email: string, message: string) => void }) {
  const text = useText();
  const form = useForm({ initialValues: { email: "" } });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit(({ email }) =>
    send(async () => {
      const { data } = await client.POST("/v1/users/password/forgot", { body: { email: email.trim() } });
      onSent(email.trim(), requireBody(data).data.message);
    }),
  );
  return (
    <PublicForm onSubmit={submit} error={error} busy={busy} label={text("send")}>
      <Text size="sm">{text("forgotHint")}</Text>
      <TextInput
        label={text("email")}
        type="email"
        name="email"
        autoComplete="username"
        required
        {...form.getInputProps("email")}
      />
    </PublicForm>
  );
}

function SetPassword({ kind, token }: { readonly kind: Kind; readonly token: string }) {
  const text = useText();
  const { take } = useSession();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { password: "", repeated: "" },
    validate: { repeated: (repeated, { password }) => (repeated === password ? null : text("different")) },
  });
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit(({ password }) =>
    send(async () => {
      const { data } = await client.POST("/v1/users/password/reset", { body: { token, password } });
      await take(requireBody(data).data.token);
      notifySuccess(text("done"));
      await navigate({ to: "/", replace: true }); // the link is used, so it need not stay in the history
    }),
  );
  if (error instanceof ApiError && error.code === "INVALID_RESET_TOKEN") return <Over kind={kind} />;
  return (
    <PublicPage title={text(kind)}>
      <PublicForm onSubmit={submit} error={error} busy={busy} label={text("set")}>
        <Text size="sm">{text(kind === "reset" ? "resetHint" : "invitationHint")}</Text>
        <PasswordInput
          label={text("password")}
          name="password"
          autoComplete="new-password"
          required
          {...form.getInputProps("password")}
        />
        <PasswordInput
          label={text("repeat")}
          name="repeated"
          autoComplete="new-password"
          required
          {...form.getInputProps("repeated")}
        />
      </PublicForm>
    </PublicPage>
  );
}

/** A link that was used or has expired, and how to get another. */
function Over({ kind }: { readonly kind: Kind }) {
  const text = useText();
  return (
    <PublicPage title={text("over")}>
      <Alert color="orange" icon={<IconLinkOff aria-hidden />} role="alert">
        {text(kind === "reset" ? "overReset" : "overInvitation")}
      </Alert>
      <Another />
      <ToLogin />
    </PublicPage>
  );
}

function Another() {
  const text = useText();
  return (
    <ButtonLink to="/link/$kind" params={{ kind: "forgot" }}>
      {text("another")}
    </ButtonLink>
  );
}

function ToLogin() {
  const text = useText();
  return (
    <TextLink size="sm" to="/">
      {text("toLogin")}
    </TextLink>
  );
}
