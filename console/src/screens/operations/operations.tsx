import { Tabs } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "../../app/session";
import { Page } from "../../ui/page";
import { List } from "./list";
import { New } from "./new";
import { Panel } from "./panel";
import { Replay } from "./replay";
import { operations as route } from "./routes";
import { Schedules } from "./schedules";
import { useText } from "./texts";

/** Everything that runs or waits, and the schedules that make more of it. */
export function Operations() {
  const text = useText();
  const may = useMay();
  const navigate = useNavigate();
  const { tab, open, ...asked } = route.useSearch();
  const show = (chosen: string | null) =>
    void navigate({ to: "/operations", search: chosen === "schedules" ? { tab: chosen } : {}, replace: true });
  const close = () => void navigate({ to: "/operations", search: { tab, ...asked }, replace: true });
  return (
    <Page
      title={text("title")}
      hint={text("hint")}
      actions={
        <>
          {may("POST /api/v1/operations/replay") && <Replay />}
          <New />
        </>
      }
    >
      {may("GET /api/v1/schedules") ? (
        <Tabs value={tab === "schedules" ? tab : "list"} onChange={show} keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="list">{text("list")}</Tabs.Tab>
            <Tabs.Tab value="schedules">{text("schedules")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="list">
            <List />
          </Tabs.Panel>
          <Tabs.Panel value="schedules">
            <Schedules />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <List />
      )}
      <Panel open={open} onClose={close} />
    </Page>
  );
}
