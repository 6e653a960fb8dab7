/** A report: how far it is, its file, what may be done with it, what happened. */
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconPlayerStop, IconRefresh, IconRepeat, IconTrash } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { client, FAST_POLL_MS, SLOW_POLL_MS, useLive } from "../../api/client";
import { useMay } from "../../app/session";
import { confirm } from "../../ui/confirm";
import { Download } from "../../ui/download";
import { useAction } from "../../ui/form";
import { Page } from "../../ui/page";
import { Panel } from "../../ui/panel";
import { Failure, Loading } from "../../ui/state";
import { Facts } from "./facts";
import { ReportState } from "./history";
import { OrderReport } from "./order";
import { Preview } from "./preview";
import { LIVE, type Report as ReportType, valuesOf } from "./rules";
import { Saga, useSaga } from "./saga";
import { useText } from "./texts";

const route = getRouteApi("/reports/$id");
const NUMBER = /^\d{1,15}$/;

export function Report() {
  const text = useText();
  const { id } = route.useParams();
  const number = NUMBER.test(id) ? Number(id) : 0;
  const query = useLive("/api/v1/reports/{report_id}", { path: { report_id: number } }, (data) =>
    data && LIVE.includes(data.status) ? FAST_POLL_MS : SLOW_POLL_MS,
  );
  const report = query.data;
  return (
    <Page
      title={report?.name ?? text("title")}
      hint={report?.description}
      actions={report && <Actions report={report} />}
    >
      {query.error && <Failure error={query.error} again={() => void query.refetch()} />}
      {report ? <Content report={report} /> : !query.error && <Loading />}
    </Page>
  );
}

function Content({ report }: { readonly report: ReportType }) {
  const text = useText();
  return (
    <Stack>
      <Group>
        <ReportState of={report} />
      </Group>
      {report.status === "failed" && (
        <Alert color="red" title={text("why")} icon={<IconAlertTriangle aria-hidden />}>
          {report.error}
        </Alert>
      )}
      <Group align="stretch" gap="md">
        <Panel title={text("steps")} flex="2 1 340px">
          <Saga report={report} />
        </Panel>
        <Panel title={text("facts")} flex="1 1 280px">
          <Facts report={report} />
        </Panel>
      </Group>
    </Stack>
  );
}

function Actions({ report }: { readonly report: ReportType }) {
  const text = useText();
  const may = useMay();
  const [ordering, order] = useDisclosure();
  const { busy, act } = useAction();
  const saga = { params: { path: { saga_id: report.saga_id } } };
  const { isLive: isRollingBack } = useSaga(report);
  const own = { params: { path: { report_id: report.id } } };
  const cancel = () =>
    confirm(
      text("cancel"),
      <Text size="sm">{text("cancelAsk")}</Text>,
      () => void act(() => client.POST("/api/v1/reports/{report_id}/cancel", own), text("cancelDone")),
      text("cancel"),
    );
  const retry = () => void act(() => client.POST("/api/v1/sagas/{saga_id}/retry", saga), text("retryDone"));
  return (
    <>
      {report.status === "completed" && (
        <Download
          path={`/api/v1/reports/${report.id}/download`}
          name={`${report.name}.${report.format}`}
          variant="filled"
        />
      )}
      {report.status === "completed" && report.format === "pdf" && <Preview report={report} />}
      {LIVE.includes(report.status) && (
        <Button
          variant="default"
          loading={busy}
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          onClick={cancel}
        >
          {text("cancel")}
        </Button>
      )}
      {["failed", "cancelled"].includes(report.status) && (
        <Button loading={busy || isRollingBack} leftSection={<IconRefresh size={16} aria-hidden />} onClick={retry}>
          {text("retry")}
        </Button>
      )}
      {may("POST /api/v1/reports") && !LIVE.includes(report.status) && (
        <Button variant="default" leftSection={<IconRepeat size={16} aria-hidden />} onClick={order.open}>
          {text("again")}
        </Button>
      )}
      <Remove report={report} />
      {ordering && <OrderReport onClose={order.close} from={valuesOf(report)} />}
    </>
  );
}

function Remove({ report }: { readonly report: ReportType }) {
  const text = useText();
  const navigate = useNavigate();
  const { busy, act } = useAction();
  const params = { path: { report_id: report.id } };
  const leave = () => navigate({ to: "/reports", search: { view: "history" } });
  const remove = () => void act(() => client.DELETE("/api/v1/reports/{report_id}", { params }), text("removed"), leave);
  return (
    <Button
      variant="subtle"
      color="red"
      loading={busy}
      leftSection={<IconTrash size={16} aria-hidden />}
      onClick={() => confirm(text("remove"), <Text size="sm">{text("removeAsk")}</Text>, remove, text("remove"))}
    >
      {text("remove")}
    </Button>
  );
}
