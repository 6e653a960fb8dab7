/** The actions on a subscription. */
import { ActionIcon, Button, type ButtonProps, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconEdit, IconKey, IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { client } from "../../api/client";
import { useMay } from "../../app/session";
import { confirm } from "../../ui/confirm";
import { useAction } from "../../ui/form";
import { params, type Seen } from "./data";
import { EditSubscription } from "./edit";
import { Rotate } from "./rotate";
import { SendTest } from "./send-test";
import { useText } from "./texts";

/** The test, and a menu of everything else. */
export function Actions({ seen }: { readonly seen: Seen }) {
  const text = useText();
  const may = useMay();
  const [editing, edit] = useDisclosure();
  const [rotating, rotation] = useDisclosure();
  const { flip } = useSwitch(seen);
  const remove = useRemove(seen);
  return (
    <>
      <SendTest of={seen.data} />
      {may("PATCH /api/webhooks/{subscription_id}") && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={text("more")}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconEdit size={16} aria-hidden />} onClick={edit.open}>
              {text("edit")}
            </Menu.Item>
            <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={rotation.open}>
              {text("rotate")}
            </Menu.Item>
            {seen.data.is_active ? (
              <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={flip}>
                {text("pause")}
              </Menu.Item>
            ) : (
              <Menu.Item leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={flip}>
                {text("resume")}
              </Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={remove}>
              {text("delete")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {editing && <EditSubscription seen={seen} onClose={edit.close} />}
      {rotating && <Rotate seen={seen} onClose={rotation.close} />}
    </>
  );
}

/** Switches a subscription on. */
export function ResumeButton({ seen, ...props }: ButtonProps & { readonly seen: Seen }) {
  const text = useText();
  const { busy, flip } = useSwitch(seen);
  return (
    <Button loading={busy} leftSection={<IconPlayerPlay size={16} aria-hidden />} {...props} onClick={flip}>
      {text("resume")}
    </Button>
  );
}

function useSwitch(seen: Seen) {
  const text = useText();
  const { busy, act } = useAction();
  const { is_active } = seen.data;
  const send = () =>
    client.PATCH("/api/webhooks/{subscription_id}", { params: params(seen), body: { is_active: !is_active } });
  return { busy, flip: () => void act(send, text(is_active ? "pausedDone" : "resumed")) };
}

function useRemove(seen: Seen) {
  const text = useText();
  const navigate = useNavigate();
  const { act } = useAction();
  const remove = async () => {
    await client.DELETE("/api/webhooks/{subscription_id}", { params: params(seen) });
    await navigate({ to: "/webhooks" }); // before all queries are invalidated
  };
  return () =>
    confirm(
      text("deleteTitle"),
      text("deleteQuestion", { url: seen.data.url }),
      () => void act(remove, text("deleted")),
      text("deleteYes"),
    );
}
