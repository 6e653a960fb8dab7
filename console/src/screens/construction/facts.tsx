import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import { useFormat } from "../../i18n/format";
import { TextLink } from "../../ui/link";
import { Panel } from "../../ui/panel";
import { Time } from "../../ui/time";
import { useSiteNames } from "./data";
import { Due } from "./labels";
import { useText } from "./texts";
import type { Defect } from "./words";

/** The fields of a defect. */
export function Facts({ of }: { readonly of: Defect }) {
  const text = useText();
  const format = useFormat();
  const nameOf = useSiteNames([of.site_id]);
  const site = (
    <TextLink inherit to="/construction/sites/$id" params={{ id: of.site_id }}>
      {nameOf(of.site_id)}
    </TextLink>
  );
  const rows: readonly (readonly [string, ReactNode])[] = [
    [text("site"), site],
    [text("location"), of.location ?? "—"],
    [text("assignee"), of.assignee?.name ?? text("unassigned")],
    [text("due"), <Due key="due" of={of} />],
    [text("reporter"), of.reporter.name],
    [text("created"), <Time key="created" value={of.created_at} />],
    ...(of.fixed_at ? [[text("fixedAt"), <Time key="fixed" value={of.fixed_at} />] as const] : []),
    ...(of.closed_at ? [[text("closedAt"), <Time key="closed" value={of.closed_at} />] as const] : []),
    ...(of.times_reopened > 0 ? [[text("timesReopened"), format.number(of.times_reopened)] as const] : []),
  ];
  return (
    <Panel title={text("facts")} heading="h5">
      <Table variant="vertical" layout="auto">
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
