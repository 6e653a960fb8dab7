/** Reports: what matters first, what was ordered, what comes regularly, the templates. */
import { Button, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendarRepeat, IconPlus } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useMay } from "../../app/session";
import { Page } from "../../ui/page";
import { History } from "./history";
import { OrderReport } from "./order";
import { Overview } from "./overview";
import { ScheduleDialog } from "./schedule";
import { Schedules } from "./schedules";
import { Templates } from "./templates";
import { useText } from "./texts";

const route = getRouteApi("/reports");
const VIEWS = ["overview", "history", "schedules", "templates"] as const;

export function Reports() {
  const text = useText();
  const may = useMay();
  const { view } = route.useSearch();
  const navigate = route.useNavigate();
  const views = VIEWS.filter((one) => one !== "schedules" || may("GET /api/v1/schedules"));
  const shown = views.find((one) => one === view) ?? "overview";
  return (
    <Page title={text("title")} actions={<Actions />}>
      <Tabs
        value={shown}
        onChange={(chosen) => void navigate({ search: { view: chosen ?? undefined } })}
        keepMounted={false}
      >
        <Tabs.List mb="md" style={{ flexWrap: "nowrap", overflowX: "auto" }}>
          {views.map((one) => (
            <Tabs.Tab key={one} value={one} px={{ base: 8, sm: "md" }}>
              {text(one)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History />
        </Tabs.Panel>
        <Tabs.Panel value="schedules">
          <Schedules />
        </Tabs.Panel>
        <Tabs.Panel value="templates">
          <Templates />
        </Tabs.Panel>
      </Tabs>
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
