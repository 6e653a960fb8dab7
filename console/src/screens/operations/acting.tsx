/** The actions on an operation that its links allow. */
import { Button, Group, Text } from "@mantine/core";
import { IconPlayerStop, IconRepeat } from "@tabler/icons-react";
import { address } from "../../api/base";
import type { Schema } from "../../api/client";
import { call } from "../../api/fetching";
import { confirm } from "../../ui/confirm";
import { useAction } from "../../ui/form";
import { useText } from "./panel-texts";
import type { Operation } from "./rules";

/** Make a call that the API has named. */
const follow = ({ method, href }: Schema<"OperationLink">) => call(new Request(address(href), { method }));

export function Actions({ operation }: { readonly operation: Operation }) {
  const text = useText();
  const { busy, act } = useAction();
  const { cancel, retry } = operation.links;
  if (!cancel && !retry) return null;
  const stop = () =>
    cancel &&
    confirm(
      text("cancelTitle"),
      <Text size="sm">{text("cancelQuestion", { title: operation.title })}</Text>,
      () => void act(() => follow(cancel), text("cancelled")),
      text("cancelYes"),
    );
  return (
    <Group gap="xs">
      {retry && (
        <Button
          leftSection={<IconRepeat size={16} aria-hidden />}
          loading={busy}
          onClick={() => void act(() => follow(retry), text("retried"))}
        >
          {text("retry")}
        </Button>
      )}
      {cancel && (
        <Button variant="default" leftSection={<IconPlayerStop size={16} aria-hidden />} loading={busy} onClick={stop}>
          {text("cancel")}
        </Button>
      )}
    </Group>
  );
}
