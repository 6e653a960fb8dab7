import { Alert } from "@mantine/core";
import { IconClockPause } from "@tabler/icons-react";
import { ApiError } from "../api/errors";
import { texts } from "../i18n";
import { Failure } from "../ui/state";

const useText = texts(
  "refusal",
  {
    wrong: "Неверная почта или пароль",
    wrongHint: "Проверьте раскладку и Caps Lock.",
    pause: "Слишком много попыток",
    pauseHint: "Попробовать снова можно будет через {{seconds}} с.",
    pauseOver: "Можно попробовать снова.",
  },
  {
    wrong: "Wrong email or password",
    wrongHint: "Check the keyboard layout and Caps Lock.",
    pause: "Too many attempts",
    pauseHint: "You can try again in {{seconds}} s.",
    pauseOver: "You can try again.",
  },
);

/** Why a login, or a form about a password, was refused; `pause`: the seconds before the next attempt. */
export function Refusal({ error, pause }: { readonly error: unknown; readonly pause: number }) {
  const text = useText();
  if (error === undefined) return null;
  const status = error instanceof ApiError ? error.status : 0;
  if (status === 401)
    return (
      <Alert color="red" title={text("wrong")} role="alert">
        {text("wrongHint")}
      </Alert>
    );
  if (status === 429)
    return (
      <Alert color="orange" title={text("pause")} icon={<IconClockPause aria-hidden />} role="alert">
        {pause > 0 ? text("pauseHint", { seconds: pause }) : text("pauseOver")}
      </Alert>
    );
  return <Failure error={error} />;
}
