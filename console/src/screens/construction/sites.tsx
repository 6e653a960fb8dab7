/** The sites with their progress. */
import { Badge, Progress as Bar, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useList, useLive } from "../../api/client";
import { useMay } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { TextLink } from "../../ui/link";
import { Failure, Loaded, Nothing } from "../../ui/state";
import { useText as useCommon } from "../../ui/texts";
import { useText } from "./texts";
import type { Site } from "./words";

const STEP = 12;
const MOST = 100;

/** The sites that the user may see, the newest first. */
export function Sites() {
  const text = useText();
  const common = useCommon();
  const may = useMay();
  const [limit, setLimit] = useState(STEP);
  const query = useList("/api/v1/sites", { query: { limit } });
  const hint = text(
    may("POST /api/v1/sites") ? "noSitesHint" : may("GET /api/v1/sites") === "own" ? "noOwnSites" : "noSites",
  );
  return (
    <Loaded query={query}>
      {({ items, total }) =>
        items.length === 0 ? (
          <Nothing>{hint}</Nothing>
        ) : (
          <Stack>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {items.map((site) => (
                <SiteCard key={site.id} site={site} />
              ))}
            </SimpleGrid>
            {total > items.length && limit < MOST && (
              <Button
                variant="default"
                mx="auto"
                loading={query.isPlaceholderData}
                onClick={() => setLimit(Math.min(limit + STEP, MOST))}
              >
                {common("more")}
              </Button>
            )}
          </Stack>
        )
      }
    </Loaded>
  );
}

function SiteCard({ site }: { readonly site: Site }) {
  const text = useText();
  return (
    <Card withBorder component="article" aria-label={site.name}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
        <Title order={2} size="h5">
          <TextLink inherit to="/construction/sites/$id" params={{ id: site.id }}>
            {site.name}
          </TextLink>
        </Title>
        <SiteState of={site} />
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {[site.code, site.address].filter(Boolean).join(" · ")}
      </Text>
      <Short site={site} />
      <TextLink size="sm" mt="sm" to="/construction" search={{ view: "table", site: site.id }}>
        {text("showDefects")}
      </TextLink>
    </Card>
  );
}

/** Whether work goes on at a site. */
export function SiteState({ of }: { readonly of: Site }) {
  const text = useText();
  return (
    <Badge color={of.status === "active" ? "blue" : "gray"} variant="light" tt="none" style={{ flexShrink: 0 }}>
      {text(of.status)}
    </Badge>
  );
}

function Short({ site }: { readonly site: Site }) {
  const text = useText();
  const format = useFormat();
  const { data, error, refetch } = useLive("/api/v1/sites/{site_id}/progress", {
    path: { site_id: site.id },
    query: { weeks: 1 },
  });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton height={66} />;
  const closed = data.by_status.closed ?? 0;
  const counted = data.total - (data.by_status.rejected ?? 0);
  return (
    <>
      <Group justify="space-between">
        <Text size="sm">{text("ofAll", { closed: format.number(closed), total: format.number(counted) })}</Text>
        <Text size="sm" fw={600}>
          {format.percent(data.percent_closed)}
        </Text>
      </Group>
      <Bar value={data.percent_closed} color="teal" mt={4} aria-label={text("percentClosed")} />
      <Group gap="md" mt="xs">
        <Text size="sm">
          {text("open")}: {format.number(data.open)}
        </Text>
        <Text size="sm" {...(data.overdue > 0 && { c: "red", fw: 600 })}>
          {text("overdueCount")}: {format.number(data.overdue)}
        </Text>
      </Group>
    </>
  );
}
