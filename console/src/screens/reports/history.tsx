/** The reports that were ordered, newest first. */
import { Select, Text } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { FAST_POLL_MS, SLOW_POLL_MS, useList } from "../../api/client";
import { TextLink } from "../../ui/link";
import { Status } from "../../ui/status";
import { QueryTable } from "../../ui/table";
import { Time } from "../../ui/time";
import { useTemplates } from "./data";
import { LIVE, MOODS, type Report } from "./rules";
import { useText } from "./texts";

const route = getRouteApi("/reports");
const STATUSES = ["pending", "processing", "completed", "failed", "cancelled"] as const;
const SIZE = 20;

export function History() {
  const text = useText();
  const navigate = useNavigate();
  const given = route.useSearch();
  const columns = useColumns();
  const status = STATUSES.find((one) => one === given.status);
  const { page = 1, limit = SIZE } = given;
  const change = (by: typeof given) =>
    void navigate({ to: "/reports", search: { ...given, view: "history", page: undefined, ...by }, replace: true });
  const query = useList("/api/v1/reports", { query: { page, limit, ...(status && { status }) } }, (data) =>
    data?.reports.some((one) => LIVE.includes(one.status)) ? FAST_POLL_MS : SLOW_POLL_MS,
  );
  return (
    <QueryTable
      name="reports"
      label={text("list")}
      columns={columns}
      query={query}
      of={({ reports }) => reports}
      id={(report) => String(report.id)}
      onOpen={({ id }) => void navigate({ to: "/reports/$id", params: { id: String(id) } })}
      page={page}
      size={limit}
      onPage={(next) => change({ page: next })}
      onSize={(next) => change({ limit: next })}
      nothing={text(status ? "noneFound" : "none")}
      tools={
        <Select
          aria-label={text("status")}
          placeholder={text("anyStatus")}
          data={STATUSES.map((value) => ({ value, label: text(value) }))}
          value={status ?? null}
          onChange={(chosen) => change({ status: chosen ?? undefined })}
          clearable
        />
      }
    />
  );
}

/** The state of a report in a word. */
export function ReportState({ of }: { readonly of: Report }) {
  const text = useText();
  return <Status tone={MOODS[of.status]}>{text(of.status)}</Status>;
}

/** The name of a report, as a link to its page. */
export function ReportLink({ report }: { readonly report: Report }) {
  return (
    <TextLink size="sm" fw={600} to="/reports/$id" params={{ id: String(report.id) }}>
      {report.name}
    </TextLink>
  );
}

const middle = { visibleMediaQuery: "(min-width: 48em)" };
const wide = { visibleMediaQuery: "(min-width: 62em)" };

function useColumns(): DataTableColumn<Report>[] {
  const text = useText();
  const { nameOf } = useTemplates();
  return [
    { accessor: "id", title: text("number"), width: 70, ...wide },
    { accessor: "name", title: text("name"), render: (report) => <ReportLink report={report} /> },
    {
      accessor: "template_id",
      title: text("template"),
      render: (report) => <Text size="sm">{nameOf(report.template_id) ?? "—"}</Text>,
      ...middle,
    },
    { accessor: "status", title: text("status"), render: (report) => <ReportState of={report} /> },
    { accessor: "format", title: text("format"), render: (report) => report.format.toUpperCase(), ...middle },
    { accessor: "created_at", title: text("created"), render: (one) => <Time value={one.created_at} ago />, ...middle },
  ];
}
