/** The overview: the latest reports, the figures of production, the progress of the sites. */
import { Group, Progress, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { type Schema, useLive } from "../../api/client";
import { useMay } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { Download } from "../../ui/download";
import { TextLink } from "../../ui/link";
import { Panel } from "../../ui/panel";
import { Failure, Loaded, Nothing } from "../../ui/state";
import { Time } from "../../ui/time";
import { ReportLink, ReportState } from "./history";
import { useText } from "./texts";

const LATEST = 5;
const SITES = 4;

export function Overview() {
  const may = useMay();
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Latest />
        {may("GET /api/analytics/dashboard") && <Production />}
        {may("GET /api/v1/sites") && <Sites />}
      </SimpleGrid>
    </Stack>
  );
}

function Part({
  title,
  more,
  children,
}: {
  readonly title: string;
  readonly more: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <Panel title={title} tools={more} aria-label={title}>
      {children}
    </Panel>
  );
}

function Latest() {
  const text = useText();
  const query = useLive("/api/v1/reports", { query: { limit: LATEST } });
  const more = (
    <TextLink size="sm" to="/reports" search={{ view: "history" }}>
      {text("all")}
    </TextLink>
  );
  return (
    <Part title={text("latest")} more={more}>
      <Loaded query={query}>
        {({ reports }) =>
          reports.length === 0 ? (
            <Nothing>{text("none")}</Nothing>
          ) : (
            <Stack gap="sm">
              {reports.map((report) => (
                <Group key={report.id} justify="space-between" wrap="nowrap">
                  <div>
                    <ReportLink report={report} />
                    <Text size="sm" c="dimmed">
                      <Time value={report.created_at} ago /> · {report.format.toUpperCase()}
                    </Text>
                  </div>
                  {report.status === "completed" ? (
                    <Download
                      path={`/api/v1/reports/${report.id}/download`}
                      name={`${report.name}.${report.format}`}
                      size="xs"
                      style={{ flexShrink: 0 }}
                    />
                  ) : (
                    <ReportState of={report} />
                  )}
                </Group>
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Part>
  );
}

function Production() {
  const text = useText();
  const { number, percent } = useFormat();
  const query = useLive("/api/analytics/dashboard", {});
  const more = (
    <TextLink size="sm" to="/today">
      {text("toToday")}
    </TextLink>
  );
  return (
    <Part title={text("numbers")} more={more}>
      <Loaded query={query}>
        {(figures) => (
          <SimpleGrid cols={2}>
            <Figure name={text("batchesOpen")}>{number(figures.active_batches)}</Figure>
            <Figure name={text("batchesTotal")}>{number(figures.total_batches)}</Figure>
            <Figure name={text("products")}>{number(figures.total_products)}</Figure>
            <Figure name={text("rate")}>{percent(figures.aggregation_rate)}</Figure>
          </SimpleGrid>
        )}
      </Loaded>
    </Part>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <Text size="xl" fw={700}>
        {children}
      </Text>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
    </div>
  );
}

function Sites() {
  const text = useText();
  const query = useLive("/api/v1/sites", { query: { limit: SITES } });
  const more = (
    <TextLink size="sm" to="/construction">
      {text("toSites")}
    </TextLink>
  );
  return (
    <Part title={text("sites")} more={more}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing />
          ) : (
            <Stack>
              {items.map((site) => (
                <SiteLine key={site.id} site={site} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Part>
  );
}

function SiteLine({ site }: { readonly site: Schema<"Site"> }) {
  const text = useText();
  const { percent } = useFormat();
  const params = { path: { site_id: site.id }, query: { weeks: 1 } };
  const { data, error, refetch } = useLive("/api/v1/sites/{site_id}/progress", params);
  if (error) return <Failure error={error} again={() => void refetch()} />;
  const done = text("percentClosed", { percent: percent(data?.percent_closed) });
  return (
    <div>
      <TextLink size="sm" fw={600} to="/construction/sites/$id" params={{ id: site.id }}>
        {site.name}
      </TextLink>
      {data ? (
        <>
          <Progress value={data.percent_closed} color="teal" my={4} aria-label={done} />
          <Text size="sm" c="dimmed">
            {done} · {text("openDefects", { open: data.open, overdue: data.overdue })}
          </Text>
        </>
      ) : (
        <Skeleton height={30} />
      )}
    </div>
  );
}
