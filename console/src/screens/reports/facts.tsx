import { Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { api } from "../../api/client";
import { useMay, useUser } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { TextLink } from "../../ui/link";
import { useDirectory } from "../../ui/people";
import { Time } from "../../ui/time";
import { CenterName } from "../batches/parts";
import { useTemplates } from "./data";
import { isWord, type Report, valuesOf } from "./rules";
import { useText } from "./texts";

/** The fields of a report. */
export function Facts({ report }: { readonly report: Report }) {
  const text = useText();
  const { bytes } = useFormat();
  const { nameOf } = useTemplates();
  const rows: [string, ReactNode][] = [
    [text("number"), report.id],
    [text("template"), nameOf(report.template_id) ?? "—"],
    ...useSubject(report),
    [text("format"), text(formatKey(report.format))],
    [text("author"), <Author key="author" number={report.user_id} />],
    [text("created"), <Time key="created" value={report.created_at} />],
  ];
  if (report.status === "completed") rows.push([text("ready"), <Time key="ready" value={report.updated_at} />]);
  if (report.file_size !== null) rows.push([text("size"), bytes(report.file_size)]);
  if (report.recipients.length > 0)
    rows.push([text(report.status === "completed" ? "sentTo" : "willSend"), report.recipients.join(", ")]);
  return (
    <Table variant="vertical" layout="auto" withRowBorders={false} verticalSpacing={4}>
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th fw={400} bg="transparent" c="dimmed" scope="row">
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const formatKey = (format: string) => (format === "xlsx" || format === "csv" ? format : "pdf");

/** The subject of a report: a batch, or days. */
function useSubject(report: Report): [string, ReactNode][] {
  const text = useText();
  const { day } = useFormat();
  const { period, days, batch, center } = valuesOf(report);
  const rows: [string, ReactNode][] = [];
  if (batch) return [[text("batch"), <BatchName key="batch" id={batch} />]];
  if (isWord(period)) rows.push([text("period"), text(period)]);
  if (period === "days")
    rows.push([text("period"), days[0] === days[1] ? day(days[0]) : days.map((one) => day(one)).join(" – ")]);
  if (center) rows.push([text("center"), <CenterName key="center" id={center} />]);
  return rows;
}

function BatchName({ id }: { readonly id: string }) {
  const text = useText();
  const { day } = useFormat();
  const may = useMay();
  const { data: batch, error } = api.useQuery(
    "get",
    "/api/batches/{batch_id}",
    { params: { path: { batch_id: id } } },
    { enabled: may("GET /api/batches/{batch_id}") !== undefined, retry: false },
  );
  if (!batch) return <Text inherit>{error ? text("noBatchNow") : "…"}</Text>;
  const name = { number: batch.batch_number, day: day(batch.batch_date), item: batch.nomenclature };
  return (
    <TextLink inherit to="/batches/$id" params={{ id }}>
      {text("batchName", name)}
    </TextLink>
  );
}

function Author({ number }: { readonly number: number }) {
  const me = useUser();
  const { people } = useDirectory();
  const person = people.find((one) => one.number === number);
  return <>{person?.name ?? me.name}</>;
}
