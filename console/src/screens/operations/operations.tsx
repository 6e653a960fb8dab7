import { useNavigate } from "@tanstack/react-router";
import { useMay } from "../../app/session";
import { Page } from "../../ui/page";
import { TabbedViews } from "../../ui/tabs";
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
  const show = (chosen: string) =>
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
      <TabbedViews
        shown={tab}
        onShow={show}
        views={[
          { name: "list", title: text("list"), content: <List /> },
          ...(may("GET /api/v1/schedules")
            ? [{ name: "schedules", title: text("schedules"), content: <Schedules /> }]
            : []),
        ]}
      />
      <Panel open={open} onClose={close} />
    </Page>
  );
}
