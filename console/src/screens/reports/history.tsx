/** The reports that were ordered, newest first. */
import { Anchor, Select, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { api, CALM, RUNNING } from "../../api/client";
import { Failure } from "../../ui/state";
import { Status } from "../../ui/status";
import { Table } from "../../ui/table";
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
  const query = api.useQuery(
    "get",
    "/api/v1/reports",
    { params: { query: { page, limit, ...(status && { status }) } } },
    {
      placeholderData: keepPreviousData,
      refetchInterval: ({ state }) => (state.data?.reports.some((one) => LIVE.includes(one.status)) ? RUNNING : CALM),
    },
  );
  return (
    <>
      {query.error && <Failure error={query.error} again={() => void query.refetch()} />}
      <Table<Report>
        name="reports"
        label={text("list")}
        columns={columns}
        records={query.data?.reports ?? (query.error ? [] : undefined)}
        id={(report) => String(report.id)}
        busy={query.isPlaceholderData}
        onOpen={({ id }) => void navigate({ to: "/reports/$id", params: { id: String(id) } })}
        paging={{
          page,
          size: limit,
          total: query.data?.total ?? 0,
          onPage: (next) => change({ page: next }),
          onSize: (next) => change({ limit: next }),
        }}
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
    </>
  );
}

/** The state of a report in a word. */
export function ReportState({ of }: { readonly of: Report }) {
  const text = useText();
  return <Status mood={MOODS[of.status]}>{text(of.status)}</Status>;
}

/** The name of a report, as a link to its page. */
export function ReportLink({ report }: { readonly report: Report }) {
  return (
    <Anchor
      size="sm"
      fw={600}
      renderRoot={(props) => <Link to="/reports/$id" params={{ id: String(report.id) }} {...props} />}
    >
      {report.name}
    </Anchor>
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
