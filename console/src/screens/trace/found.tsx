/** A batch with the code: its facts, who added and aggregated the product, events and reports. */
import { Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { Schema } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Download } from "../../ui/download";
import { Fact } from "../../ui/facts";
import { TextLink } from "../../ui/link";
import { Status, type Tone } from "../../ui/status";
import { Time } from "../../ui/time";
import { stepsOf } from "../batches/history";
import { Steps } from "../batches/steps";
import { useText } from "./texts";
import classes from "./trace.module.css";

type Product = Schema<"TracedProduct">;

export function Found({ product }: { readonly product: Product }) {
  const text = useText();
  const { batch } = product;
  return (
    <Paper withBorder p="md" component="article" className={classes.batch ?? ""}>
      <Group gap="sm" mb="md">
        <Title order={2} size="h3">
          <TextLink inherit to="/batches/$id" params={{ id: batch.uuid }}>
            {text("batch", { number: batch.batch_number })}
          </TextLink>
        </Title>
        <Status tone={batch.is_closed ? "ended" : "running"}>{text(batch.is_closed ? "closed" : "open")}</Status>
      </Group>
      <Facts product={product} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} mt="lg" spacing="lg">
        <Events product={product} />
        <Reports reports={product.reports} />
      </SimpleGrid>
    </Paper>
  );
}

function Facts({ product }: { readonly product: Product }) {
  const text = useText();
  const { day, clock } = useFormat();
  const { batch } = product;
  const center = batch.work_center;
  return (
    <SimpleGrid component="dl" cols={{ base: 1, xs: 2, md: 4 }} spacing="md" verticalSpacing="sm" m={0}>
      <Fact size="md" name={text("addedAt")}>
        <Deed at={product.added_at} by={product.added_by} />
      </Fact>
      <Fact size="md" name={text("packedAt")}>
        {product.is_aggregated ? <Deed at={product.aggregated_at} by={product.aggregated_by} /> : text("notPacked")}
      </Fact>
      <Fact size="md" name={text("item")}>
        {batch.nomenclature}
        <Text size="sm" c="dimmed">
          {batch.ekn_code}
        </Text>
      </Fact>
      <Fact size="md" name={text("center")}>
        {center?.name ?? text("goneCenter")}
        <Text size="sm" c="dimmed">
          {center?.identifier}
        </Text>
      </Fact>
      <Fact size="md" name={text("date")}>
        {day(batch.batch_date)}
      </Fact>
      <Fact size="md" name={text("shift")}>
        {batch.shift}
        <Text size="sm" c="dimmed">
          {clock(batch.shift_time_range.start)}–{clock(batch.shift_time_range.end)}
        </Text>
      </Fact>
      <Fact size="md" name={text("team")}>
        {batch.team}
      </Fact>
    </SimpleGrid>
  );
}

/** When something was done, and by whom. */
function Deed({ at, by }: { readonly at: string | null; readonly by: Product["added_by"] }) {
  const text = useText();
  return (
    <>
      <Time value={at} />
      <Text span size="sm" c="dimmed" display="block">
        {by?.name ?? text("unknown")}
      </Text>
    </>
  );
}

function Events({ product: { events, events_complete } }: { readonly product: Product }) {
  const text = useText();
  return (
    <div>
      <Title order={3} size="h5" mb="sm">
        {text("events")}
      </Title>
      {events.length === 0 ? <Text c="dimmed">{text("noEvents")}</Text> : <Steps steps={stepsOf(events)} />}
      {!events_complete && (
        <Text size="sm" c="dimmed" mt="xs">
          {text("olderEvents")}
        </Text>
      )}
    </div>
  );
}

const MOODS: Record<Product["reports"][number]["status"], Tone> = {
  pending: "waiting",
  processing: "running",
  completed: "good",
  failed: "bad",
  cancelled: "ended",
};

function Reports({ reports }: { readonly reports: Product["reports"] }) {
  const text = useText();
  return (
    <div>
      <Title order={3} size="h5" mb="sm">
        {text("reports")}
      </Title>
      {reports.length === 0 && <Text c="dimmed">{text("noReports")}</Text>}
      <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {reports.map((report) => (
          <Group component="li" key={`${report.created_at} ${report.format} ${report.id}`} gap="sm">
            <div style={{ flex: "1 1 160px" }}>
              <Text>{report.name ?? text("report", { format: report.format.toUpperCase() })}</Text>
              <Group gap="xs">
                <Text size="sm" c="dimmed">
                  {report.name && `${report.format.toUpperCase()} · `}
                  <Time value={report.created_at} />
                </Text>
                <Status tone={MOODS[report.status]}>{text(report.status)}</Status>
              </Group>
            </div>
            {report.download_url && (
              <Download path={report.download_url} size="compact-sm" className={classes.onScreen ?? ""} />
            )}
          </Group>
        ))}
      </Stack>
    </div>
  );
}
