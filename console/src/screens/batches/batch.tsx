/** A batch: its facts, progress, products, history and actions. */
import { Card, Grid, SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { SLOW_POLL_MS } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Fact } from "../../ui/facts";
import { TextLink } from "../../ui/link";
import { Page } from "../../ui/page";
import { Panel } from "../../ui/panel";
import { Loaded } from "../../ui/state";
import { Time } from "../../ui/time";
import { Actions } from "./actions";
import { useBatchText } from "./batch-texts";
import { type Batch as BatchData, BatchProgress, BatchState, CenterName } from "./parts";
import { Products } from "./products";
import { read, type Seen } from "./reading";
import { batch } from "./routes";
import { useText } from "./texts";
import { Timeline } from "./timeline";

export function Batch() {
  const { id } = batch.useParams();
  const text = useText();
  const query = useQuery({ queryKey: ["batch", id], queryFn: () => read(id), refetchInterval: SLOW_POLL_MS });
  const back = (
    <TextLink size="sm" to="/batches">
      ← {text("all")}
    </TextLink>
  );
  if (query.data === undefined)
    return (
      <Page title={text("title")} hint={back}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  return (
    <Loaded query={query}>
      {(seen) => (
        <Page title={text("titleOf", { number: seen.data.batch_number })} hint={back} actions={<Actions seen={seen} />}>
          <Content seen={seen} />
        </Page>
      )}
    </Loaded>
  );
}

function Content({ seen }: { readonly seen: Seen }) {
  const words = useBatchText();
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: 8 }}>
        <Stack>
          <Facts batch={seen.data} />
          <Products seen={seen} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 4 }}>
        <Panel title={words("history")}>
          <Timeline batch={seen.data} />
        </Panel>
      </Grid.Col>
    </Grid>
  );
}

function Facts({ batch: data }: { readonly batch: BatchData }) {
  const text = useText();
  const { day, time, clock } = useFormat();
  const { start, end } = data.shift_time_range;
  const shiftTimes =
    start.slice(0, 10) === end.slice(0, 10) ? `${time(start)} – ${clock(end)}` : `${time(start)} – ${time(end)}`;
  return (
    <Card withBorder>
      <Stack gap="md">
        <BatchProgress batch={data} size="xl" worded />
        <SimpleGrid component="dl" cols={{ base: 2, xs: 3, md: 4 }} spacing="sm" m={0}>
          <Fact name={text("state")}>
            <BatchState batch={data} />
          </Fact>
          <Fact name={text("date")}>{day(data.batch_date)}</Fact>
          <Fact name={text("item")}>{data.nomenclature}</Fact>
          <Fact name={text("code")}>{data.ekn_code}</Fact>
          <Fact name={text("center")}>
            <CenterName id={data.work_center_id} />
          </Fact>
          <Fact name={text("shift")}>
            {data.shift}, {shiftTimes}
          </Fact>
          <Fact name={text("team")}>{data.team}</Fact>
          <Fact name={text("created")}>
            <Time value={data.created_at} />
          </Fact>
          {data.updated_at && (
            <Fact name={text("updated")}>
              <Time value={data.updated_at} />
            </Fact>
          )}
          {data.closed_at && (
            <Fact name={text("closedAt")}>
              <Time value={data.closed_at} />
            </Fact>
          )}
        </SimpleGrid>
        <dl style={{ margin: 0 }}>
          <Fact name={text("task")}>{data.task_description}</Fact>
        </dl>
      </Stack>
    </Card>
  );
}
