import { Alert, Progress, Stack, Table, Text } from "@mantine/core";
import { useFormat } from "../../i18n/format";
import { Status } from "../../ui/status";
import { Time } from "../../ui/time";
import { MIGRATION_TONES, type Migration, type Migrations as State } from "./rules";
import { useText } from "./texts";

/** The migrations of this release and of earlier ones, the newest first. */
export function Migrations({ migrations: { items, settled_at, error } }: { readonly migrations: State }) {
  const text = useText();
  const waiting = items.every(({ status }) => status !== "running") && items.some(({ status }) => status === "waiting");
  return (
    <Stack gap="xs">
      {error && (
        <Alert color="orange" title={text("migrationError")}>
          {error}
        </Alert>
      )}
      {waiting && (
        <Text size="sm">
          {settled_at ? (
            <>
              {text("migrationBegins")} <Time value={settled_at} />
            </>
          ) : (
            text("migrationNotStarted")
          )}
        </Text>
      )}
      <Table withTableBorder striped verticalSpacing="xs" aria-label={text("migrations")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text("migration")}</Table.Th>
            <Table.Th>{text("state")}</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              {text("migrationChanged")}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.toReversed().map((migration) => (
            <Row key={migration.number} migration={migration} />
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Row({ migration }: { readonly migration: Migration }) {
  const text = useText();
  const { number } = useFormat();
  const { status, percent, applied_at } = migration;
  return (
    <Table.Tr>
      <Table.Td>
        {migration.number}. {migration.title}
      </Table.Td>
      <Table.Td>
        <Status tone={MIGRATION_TONES[status]}>{text(`migration_${status}`, { percent: number(percent) })}</Status>
        {status === "running" && <Progress value={percent} aria-label={migration.title} />}
        {applied_at && (
          <Text size="xs" c="dimmed">
            <Time value={applied_at} />
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right" visibleFrom="sm">
        {text("migrationOf", { changed: number(migration.changed), read: number(migration.read) })}
      </Table.Td>
    </Table.Tr>
  );
}
