import { Table } from "@mantine/core";
import { useFormat } from "../../i18n/format";
import { Status } from "../../ui/status";
import { Time } from "../../ui/time";
import { type Circuit, MOODS } from "./rules";
import { useText } from "./texts";

const OWN = ["users", "orders", "email"] as const;

/** The circuits of the services and of the hosts of webhooks. */
export function Circuits({ circuits }: { readonly circuits: readonly Circuit[] }) {
  const text = useText();
  return (
    <Table withTableBorder striped verticalSpacing="xs" aria-label={text("circuits")}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{text("circuit")}</Table.Th>
          <Table.Th>{text("state")}</Table.Th>
          <Table.Th visibleFrom="sm">{text("calls")}</Table.Th>
          <Table.Th visibleFrom="sm">{text("retryAt")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {circuits.map((circuit) => (
          <Row key={circuit.name} circuit={circuit} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ circuit: { name, state, failures, successes, retry_at } }: { readonly circuit: Circuit }) {
  const text = useText();
  const { number } = useFormat();
  const own = OWN.find((one) => one === name);
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{own ? text(own) : name}</Table.Td>
      <Table.Td>
        <Status tone={MOODS[state]}>{text(state)}</Status>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {state === "unknown" ? "—" : text("callsOf", { successes: number(successes), failures: number(failures) })}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time value={retry_at} />
      </Table.Td>
    </Table.Tr>
  );
}
