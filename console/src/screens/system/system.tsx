import { Alert, Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { address } from "../../api/base";
import { useLive } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Facts } from "../../ui/facts";
import { Page } from "../../ui/page";
import { Loaded } from "../../ui/state";
import { Circuits } from "./circuits";
import { Migrations } from "./migrations";
import { Queues } from "./queues";
import { type SystemState, trouble } from "./rules";
import { Quotas, Settings } from "./settings";
import { useText } from "./texts";

/** The state of the system, its queues and its settings. */
export function System() {
  const text = useText();
  const query = useLive("/api/v1/system", {});
  return (
    <Page title={text("title")}>
      <Loaded query={query}>
        {(system) => (
          <Stack gap="xl">
            <Health system={system} />
            <Part
              title={text("queues")}
              hint={text("queuesHint", { days: system.settings.dead_letter_retention_days })}
            >
              <Queues queues={system.queues} />
            </Part>
            <Part title={text("circuits")} hint={text("circuitsHint")}>
              <Circuits circuits={system.circuits} />
            </Part>
            {system.migrations.items.length > 0 && (
              <Part title={text("migrations")} hint={text("migrationsHint")}>
                <Migrations migrations={system.migrations} />
              </Part>
            )}
            <Part title={text("quotas")} hint={text("quotasHint")}>
              <Quotas quotas={system.settings.daily_quotas} />
            </Part>
            <Part title={text("settings")}>
              <Settings settings={system.settings} />
            </Part>
          </Stack>
        )}
      </Loaded>
      <Part title={text("documents")}>
        <Documents />
      </Part>
    </Page>
  );
}

function Part({
  title,
  hint,
  children,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly children: ReactNode;
}) {
  return (
    <Stack gap="xs" component="section">
      <div>
        <Title order={2} size="h4">
          {title}
        </Title>
        {hint && (
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  );
}

function Health({ system }: { readonly system: SystemState }) {
  const text = useText();
  const { exact } = useFormat();
  const { dead, open, pending } = trouble(system);
  const isWell = dead === 0 && open === 0 && pending === 0;
  return (
    <Stack>
      <Alert
        color={isWell ? "teal" : "orange"}
        icon={isWell ? <IconCircleCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}
        title={text(isWell ? "well" : "trouble")}
        role="status"
      >
        {dead > 0 && <div>{text("deadWaiting", { count: dead })}</div>}
        {open > 0 && <div>{text("openCircuits", { count: open })}</div>}
        {pending > 0 && <div>{text("pendingMigrations", { count: pending })}</div>}
      </Alert>
      <Facts
        facts={[
          [text("version"), system.version],
          [text("stage"), system.stage],
          [text("region"), system.region],
          [text("stack"), system.stack],
          [text("time"), exact(system.time)],
        ]}
      />
    </Stack>
  );
}

const DOCUMENTS = { reference: "docs", reading: "redoc", openapi: "openapi.json" } as const;

function Documents() {
  const text = useText();
  return (
    <Group>
      {(Object.keys(DOCUMENTS) as (keyof typeof DOCUMENTS)[]).map((name) => (
        <Anchor key={name} href={address(DOCUMENTS[name])} target="_blank">
          {text(name)}
        </Anchor>
      ))}
    </Group>
  );
}
