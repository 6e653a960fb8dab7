import { modals } from "@mantine/modals";
import i18next from "i18next";
import type { ReactNode } from "react";

/** Ask before something that cannot be undone; `then` runs after a yes. */
export function confirm(title: string, question: ReactNode, then: () => void, yes?: string) {
  const text = i18next.getFixedT(null, "ui");
  modals.openConfirmModal({
    title,
    children: question,
    labels: { confirm: yes ?? text("yes"), cancel: text("cancel") },
    confirmProps: { color: "red" },
    onConfirm: then,
  });
}
