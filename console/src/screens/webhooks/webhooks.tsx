import { Button, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../app/session";
import { Page } from "../../ui/page";
import { Catalogue } from "./catalogue";
import { Failing } from "./failing";
import { NewSubscription } from "./new";
import { webhooks as route } from "./routes";
import { Subscriptions } from "./subscriptions";
import { useText } from "./texts";

const TABS = ["subscriptions", "failingNow", "catalogue"] as const;

/** All subscriptions, what fails now over all of them, and what can be subscribed to. */
export function Webhooks() {
  const text = useText();
  const may = useMay();
  const navigate = useNavigate();
  const asked = route.useSearch();
  const [making, { open, close }] = useDisclosure();
  const [first, setFirst] = useState<readonly string[]>([]);
  const tab = TABS.find((one) => one === asked.tab) ?? "subscriptions";
  const begin = (events: readonly string[]) => {
    setFirst(events);
    open();
  };
  return (
    <Page
      title={text("title")}
      hint={text("hint")}
      actions={
        may("POST /api/webhooks") && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => begin([])}>
            {text("make")}
          </Button>
        )
      }
    >
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) => next && void navigate({ to: "/webhooks", search: { tab: next }, replace: true })}
      >
        <Tabs.List>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {text(one)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="subscriptions" pt="md">
          <Subscriptions />
        </Tabs.Panel>
        <Tabs.Panel value="failingNow" pt="md">
          <Failing />
        </Tabs.Panel>
        <Tabs.Panel value="catalogue" pt="md">
          <Catalogue onChoose={(event) => begin([event])} />
        </Tabs.Panel>
      </Tabs>
      {making && <NewSubscription events={first} onClose={close} />}
    </Page>
  );
}
