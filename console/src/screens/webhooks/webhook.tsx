import { Anchor, Group, SimpleGrid, Stack, Tabs } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { Page } from "../../ui/page";
import { Loaded } from "../../ui/state";
import { Actions, ResumeButton } from "./actions";
import { type Seen, useSubscription } from "./data";
import { Deliveries } from "./deliveries";
import { stateOf } from "./diagnosis";
import { HealthFacts, SettingsFacts } from "./facts";
import { ResendFailed } from "./resend";
import { webhook as route } from "./routes";
import { StateBadge, Trouble } from "./state";
import { useText } from "./texts";
import { Verify } from "./verify";

const TABS = ["deliveries", "verify", "settings"] as const;

/** A subscription: how it goes and why not, what was sent, how its receiver verifies it. */
export function Webhook() {
  const text = useText();
  const { id } = route.useParams();
  const query = useSubscription(id);
  return (
    <Page
      title={query.data ? hostOf(query.data.data.url) : text("title")}
      hint={
        <Anchor inherit renderRoot={(props) => <Link to="/webhooks" {...props} />}>
          {text("back")}
        </Anchor>
      }
      actions={query.data && <Actions seen={query.data} />}
    >
      <Loaded query={query}>{(seen) => <Content key={id} seen={seen} />}</Loaded>
    </Page>
  );
}

/** The part of an address by which people know a receiver. */
const hostOf = (url: string) => url.replace(/^https?:\/\//, "").replace(/\?.*$/, "");

function Content({ seen }: { readonly seen: Seen }) {
  const text = useText();
  const navigate = useNavigate();
  const subscription = seen.data;
  const { tab = "deliveries" } = route.useSearch();
  const isOff = !subscription.is_active;
  const turn = (next: string | null) =>
    next &&
    void navigate({ to: "/webhooks/$id", params: { id: subscription.uuid }, search: { tab: next }, replace: true });
  return (
    <Stack>
      <Group gap="xs">
        <StateBadge of={subscription} />
        {isOff && stateOf(subscription) === "paused" && <ResumeButton seen={seen} size="xs" />}
      </Group>
      <Trouble
        of={subscription}
        actions={
          <>
            {isOff && <ResumeButton seen={seen} size="xs" />}
            <ResendFailed of={subscription} size="xs" />
          </>
        }
      />
      <HealthFacts of={subscription} />
      <Tabs value={TABS.find((one) => one === tab) ?? "deliveries"} onChange={turn} keepMounted={false}>
        <Tabs.List>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {text(one)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="deliveries" pt="md">
          <Deliveries of={subscription} />
        </Tabs.Panel>
        <Tabs.Panel value="verify" pt="md">
          <Verify id={subscription.uuid} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" pt="md">
          <SimpleGrid cols={1}>
            <SettingsFacts of={subscription} />
          </SimpleGrid>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
