/** Notifications. */
import { notifications } from "@mantine/notifications";
import i18next from "i18next";
import { ApiError, NoNetwork } from "../api/errors";

/** Notify of a success. */
export function notifySuccess(message: string) {
  notifications.show({ message, color: "teal" });
}

/** Notify of a problem that the user may solve. */
export function notifyWarning(title: string, message = "") {
  notifications.show({
    title,
    message,
    color: "orange",
    autoClose: 12_000,
    role: "alert",
    styles: { description: { overflowWrap: "anywhere" } },
  });
}

/** Notify of an error, with the text of the API and its request id. */
export function notifyError(error: unknown) {
  const text = i18next.getFixedT(null, "ui");
  const title = text(error instanceof NoNetwork ? "noNetwork" : "failed");
  const fields = error instanceof ApiError ? error.fields.map((one) => `${one.field}: ${one.message}`) : [];
  const lines = error instanceof NoNetwork ? [text("noNetworkHint")] : [messageOf(error), ...fields];
  if (error instanceof ApiError && error.requestId) lines.push(`${text("requestId")}: ${error.requestId}`);
  notifications.show({
    title,
    message: lines.join("\n"),
    color: "red",
    autoClose: 12_000,
    role: "alert",
    styles: { description: { whiteSpace: "pre-line", overflowWrap: "anywhere" } },
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
