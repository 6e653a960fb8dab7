import { Group, SimpleGrid, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { TextLink } from "../../ui/link";
import { Page } from "../../ui/page";
import { Loaded } from "../../ui/state";
import { TabbedViews } from "../../ui/tabs";
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

/** A subscription: how it goes and why not, what was sent, how its receiver verifies it. */
export function Webhook() {
  const text = useText();
  const { id } = route.useParams();
  const query = useSubscription(id);
  return (
    <Page
      title={query.data ? hostOf(query.data.data.url) : text("title")}
      hint={
        <TextLink inherit to="/webhooks">
          {text("back")}
        </TextLink>
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
  const { tab } = route.useSearch();
  const isOff = !subscription.is_active;
  const turn = (next: string) =>
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
      <TabbedViews
        shown={tab}
        onShow={turn}
        views={[
          { name: "deliveries", title: text("deliveries"), content: <Deliveries of={subscription} /> },
          { name: "verify", title: text("verify"), content: <Verify id={subscription.uuid} /> },
          {
            name: "settings",
            title: text("settings"),
            content: (
              <SimpleGrid cols={1}>
                <SettingsFacts of={subscription} />
              </SimpleGrid>
            ),
          },
        ]}
      />
    </Stack>
  );
}
