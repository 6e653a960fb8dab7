/** Reports: overview, history, schedules, templates. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendarRepeat, IconPlus } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useMay } from "../../app/session";
import { Page } from "../../ui/page";
import { TabbedViews } from "../../ui/tabs";
import { History } from "./history";
import { OrderReport } from "./order";
import { Overview } from "./overview";
import { ScheduleDialog } from "./schedule";
import { Schedules } from "./schedules";
import { Templates } from "./templates";
import { useText } from "./texts";

const route = getRouteApi("/reports");

export function Reports() {
  const text = useText();
  const may = useMay();
  const { view } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page title={text("title")} actions={<Actions />}>
      <TabbedViews
        shown={view}
        onShow={(chosen) => void navigate({ search: { view: chosen } })}
        views={[
          { name: "overview", title: text("overview"), content: <Overview /> },
          { name: "history", title: text("history"), content: <History /> },
          ...(may("GET /api/v1/schedules")
            ? [{ name: "schedules", title: text("schedules"), content: <Schedules /> }]
            : []),
          { name: "templates", title: text("templates"), content: <Templates /> },
        ]}
      />
    </Page>
  );
}

function Actions() {
  const text = useText();
  const may = useMay();
  const [ordering, order] = useDisclosure();
  const [scheduling, schedule] = useDisclosure();
  return (
    <>
      {may("POST /api/v1/schedules") && (
        <Button variant="default" leftSection={<IconCalendarRepeat size={16} aria-hidden />} onClick={schedule.open}>
          {text("schedule")}
        </Button>
      )}
      {may("POST /api/v1/reports") && (
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={order.open}>
          {text("order")}
        </Button>
      )}
      {ordering && <OrderReport onClose={order.close} />}
      {scheduling && <ScheduleDialog onClose={schedule.close} />}
    </>
  );
}
