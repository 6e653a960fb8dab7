import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../app/session";
import { Page } from "../../ui/page";
import { TabbedViews } from "../../ui/tabs";
import { Catalogue } from "./catalogue";
import { Failing } from "./failing";
import { NewSubscription } from "./new";
import { webhooks as route } from "./routes";
import { Subscriptions } from "./subscriptions";
import { useText } from "./texts";

/** All subscriptions, what fails now over all of them, and what can be subscribed to. */
export function Webhooks() {
  const text = useText();
  const may = useMay();
  const navigate = useNavigate();
  const asked = route.useSearch();
  const [making, { open, close }] = useDisclosure();
  const [first, setFirst] = useState<readonly string[]>([]);
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
      <TabbedViews
        shown={asked.tab}
        onShow={(tab) => void navigate({ to: "/webhooks", search: { tab }, replace: true })}
        views={[
          { name: "subscriptions", title: text("subscriptions"), content: <Subscriptions /> },
          { name: "failingNow", title: text("failingNow"), content: <Failing /> },
          { name: "catalogue", title: text("catalogue"), content: <Catalogue onChoose={(event) => begin([event])} /> },
        ]}
      />
      {making && <NewSubscription events={first} onClose={close} />}
    </Page>
  );
}
