/** One site: what it is, how far it is, how its defects come and go. */
import { Button, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { getRouteApi } from "@tanstack/react-router";
import { useLive } from "../../api/client";
import { useMay } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { ButtonLink, TextLink } from "../../ui/link";
import { Page } from "../../ui/page";
import { PersonName } from "../../ui/people";
import { Loaded, Nothing } from "../../ui/state";
import { NewDefect } from "./new-defect";
import { BySeverity, ByStatus, Weeks } from "./progress";
import { SiteForm } from "./site-form";
import { SiteState } from "./sites";
import { useText } from "./texts";
import type { Progress, Site } from "./words";

const route = getRouteApi("/construction/sites/$id");

export function SitePage() {
  const text = useText();
  const { id } = route.useParams();
  const path = { site_id: id };
  const site = useLive("/api/v1/sites/{site_id}", { path });
  const progress = useLive("/api/v1/sites/{site_id}/progress", { path, query: { weeks: 12 } });
  return (
    <Page
      title={site.data?.name ?? text("site")}
      hint={site.data && [site.data.code, site.data.address].filter(Boolean).join(" · ")}
      actions={site.data && <Actions site={site.data} />}
    >
      <Loaded query={site}>{(shown) => <Facts site={shown} />}</Loaded>
      {site.data && <Loaded query={progress}>{(shown) => <Charts of={shown} />}</Loaded>}
    </Page>
  );
}

function Actions({ site }: { readonly site: Site }) {
  const text = useText();
  const may = useMay();
  const [editing, onEdit] = useDisclosure();
  const [finding, onFind] = useDisclosure();
  return (
    <>
      <ButtonLink variant="default" to="/construction" search={{ view: "table", site: site.id }}>
        {text("showDefects")}
      </ButtonLink>
      {may("PATCH /api/v1/sites/{site_id}") && (
        <Button variant="default" onClick={onEdit.open}>
          {text("edit")}
        </Button>
      )}
      {may("POST /api/v1/defects") && site.status === "active" && (
        <Button onClick={onFind.open}>{text("newDefect")}</Button>
      )}
      {editing && <SiteForm id={site.id} onClose={onEdit.close} />}
      {finding && <NewDefect site={site.id} onClose={onFind.close} />}
    </>
  );
}

function Facts({ site }: { readonly site: Site }) {
  const text = useText();
  const may = useMay();
  return (
    <Group gap="md">
      <TextLink size="sm" to="/construction" search={{ view: "sites" }}>
        {text("toSites")}
      </TextLink>
      <SiteState of={site} />
      {may("GET /users/{user_id}") === "yes" && (
        <Text size="sm">
          {text("customer")}: {site.customer_id ? <PersonName id={site.customer_id} /> : text("noCustomer")}
        </Text>
      )}
    </Group>
  );
}

function Charts({ of }: { readonly of: Progress }) {
  const text = useText();
  const format = useFormat();
  const counted = of.total - (of.by_status.rejected ?? 0);
  const closed = text("ofAll", { closed: format.number(of.by_status.closed ?? 0), total: format.number(counted) });
  const mean = of.mean_hours_to_fix;
  const some = mean !== null && mean < 1 ? text("underHour") : text("hours", { hours: format.number(mean, 1) });
  const hours = mean === null ? "—" : some;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <Tile label={text("percentClosed")} value={format.percent(of.percent_closed)} hint={closed} />
        <Tile label={text("open")} value={format.number(of.open)} />
        <Tile label={text("overdueCount")} value={format.number(of.overdue)} bad={of.overdue > 0} />
        <Tile label={text("meanHours")} value={hours} />
      </SimpleGrid>
      {of.total === 0 ? (
        <Nothing>{text("noDefectsYet")}</Nothing>
      ) : (
        <>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <ByStatus of={of} />
            <BySeverity of={of} />
          </SimpleGrid>
          <Weeks of={of} />
        </>
      )}
    </Stack>
  );
}

function Tile(props: {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly bad?: boolean;
}) {
  return (
    <Card withBorder padding="sm">
      <Text size="sm" c="dimmed">
        {props.label}
      </Text>
      <Title order={2} size="h3" {...(props.bad && { c: "red" })}>
        {props.value}
      </Title>
      {props.hint && (
        <Text size="xs" c="dimmed">
          {props.hint}
        </Text>
      )}
    </Card>
  );
}
