import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput } from "@mantine/core";
import { useClipboard, useDisclosure, useLocalStorage } from "@mantine/hooks";
import { IconBookmark, IconLink, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ButtonLink } from "../../ui/link";
import { readList } from "./routes";
import type { ListSearch } from "./state";
import { useText } from "./texts";

interface View {
  readonly name: string;
  readonly search: ListSearch;
}

/** Named links to a state of the list, kept in this browser. */
export function Views({ search }: { readonly search: ListSearch }) {
  const text = useText();
  const [opened, { close, toggle }] = useDisclosure();
  const [views, setViews] = useLocalStorage<View[]>({ key: "shopfloor.views.batches", defaultValue: [] });
  const [name, setName] = useState("");
  const keep = () => {
    const { page: _, ...state } = search;
    setViews([...views.filter((view) => view.name !== name.trim()), { name: name.trim(), search: state }]);
    setName("");
  };
  return (
    <Popover opened={opened} onChange={close} position="bottom-start" width={320} trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />} onClick={toggle}>
          {text("views")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={text("views")}>
        <Stack gap="xs">
          {views.length === 0 && (
            <Text size="sm" c="dimmed">
              {text("noViews")}
            </Text>
          )}
          {views.map((view) => (
            <Group key={view.name} justify="space-between" wrap="nowrap">
              <ButtonLink
                variant="subtle"
                flex={1}
                justify="flex-start"
                to="/batches"
                search={readList({ ...view.search })}
                onClick={close}
              >
                {view.name}
              </ButtonLink>
              <ActionIcon
                variant="subtle"
                color="red"
                aria-label={text("viewDelete", { name: view.name })}
                onClick={() => setViews(views.filter((one) => one !== view))}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
          <form
            onSubmit={(event) => {
              event.preventDefault();
              keep();
            }}
          >
            <TextInput
              label={text("viewName")}
              description={text("viewHint")}
              value={name}
              maxLength={60}
              required
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Group justify="space-between" mt="xs">
              <CopyLink />
              <Button type="submit" size="xs" disabled={name.trim() === ""}>
                {text("viewSave")}
              </Button>
            </Group>
          </form>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function CopyLink() {
  const text = useText();
  const { copied, copy } = useClipboard();
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconLink size={14} aria-hidden />}
      onClick={() => copy(window.location.href)}
    >
      {text(copied ? "linkCopied" : "link")}
    </Button>
  );
}
