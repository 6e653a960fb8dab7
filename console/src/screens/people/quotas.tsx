/** The use of daily quotas. */
import { Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { type Schema, useList, useLive } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { useDirectory } from "../../ui/people";
import { Loaded } from "../../ui/state";
import { pagingOf, QueryTable } from "../../ui/table";
import { Time } from "../../ui/time";
import { NARROW, WIDE } from "./order-parts";
import { users as route } from "./routes";
import { useText as usePeopleText } from "./texts";
import { useText } from "./users-texts";

type Use = Schema<"DailyUse">["quotas"][string];
type Row = Schema<"DailyUse">;

const TITLES = {
  emails: "emails",
  sms: "sms",
  callbacks: "callbacks",
  long_tasks: "long_tasks",
  reports: "reportsMade",
  uploads: "uploads",
  background_tasks: "background_tasks",
} as const;
const NAMES = Object.keys(TITLES) as (keyof typeof TITLES)[];

/** The own quotas of today. */
export function MyQuotas() {
  const text = usePeopleText();
  const query = useLive("/v1/quotas/me", {});
  return (
    <Loaded query={query}>
      {({ data }) => (
        <Stack gap="xs">
          <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
            {NAMES.map((name) => (
              <Meter key={name} title={text(TITLES[name])} use={data.quotas[name]} />
            ))}
          </SimpleGrid>
          <Text size="xs" c="dimmed">
            {text("resets", { when: "" })}
            <Time value={data.resets_at} ago />
          </Text>
        </Stack>
      )}
    </Loaded>
  );
}

function Meter({ title, use }: { readonly title: string; readonly use: Use | undefined }) {
  const text = usePeopleText();
  const { number } = useFormat();
  if (!use) return null;
  const { used, limit } = use;
  const share = limit === null ? 0 : limit === 0 ? 100 : (100 * used) / limit;
  const words =
    limit === null
      ? text("unbounded", { used: number(used) })
      : text("usedOf", { used: number(used), limit: number(limit) });
  return (
    <div>
      <Text size="sm">
        {title}: {words}
      </Text>
      {limit !== null && <Progress value={share} color={share >= 90 ? "red" : "cyan"} aria-label={title} mt={4} />}
    </div>
  );
}

/** The quotas of all users who have used one today. */
export function AllQuotas() {
  const text = useText();
  const people = usePeopleText();
  const { number } = useFormat();
  const { size, ...asked } = route.useSearch();
  const navigate = useNavigate();
  const directory = useDirectory();
  const paging = pagingOf({ size, ...asked }, (changes) =>
    navigate({ to: "/users", search: { tab: "quotas", size, ...changes }, replace: true }),
  );
  const query = useList("/v1/quotas", { query: paging.query });
  const nameOf = ({ user_id }: Row) =>
    directory.people.find((one) => one.number === user_id)?.name ?? `${people("number")} ${user_id}`;
  const columns: DataTableColumn<Row>[] = [
    { accessor: "quotas", title: text("who"), ...NARROW, render: (row) => <Short name={nameOf(row)} row={row} /> },
    { accessor: "user_id", title: text("who"), ...WIDE, render: nameOf },
    ...NAMES.map((name) => ({
      accessor: name,
      title: people(TITLES[name]),
      textAlign: "right" as const,
      ...WIDE,
      render: ({ quotas }: Row) => <Cell use={quotas[name]} number={number} />,
    })),
  ];
  return (
    <QueryTable
      name="quotas"
      label={text("quotas")}
      columns={columns}
      query={query}
      of={({ data }) => data}
      id={(row) => String(row.user_id)}
      {...paging.table}
      nothing={text("noQuotas")}
    />
  );
}

/** The use of a user in one column, for narrow windows. */
function Short({ name, row }: { readonly name: string; readonly row: Row }) {
  const people = usePeopleText();
  const { number } = useFormat();
  return (
    <Stack gap={2}>
      <Text fw={600}>{name}</Text>
      {NAMES.filter((one) => row.quotas[one]?.used).map((one) => (
        <Text key={one} size="sm">
          {people(TITLES[one])}: <Cell use={row.quotas[one]} number={number} />
        </Text>
      ))}
    </Stack>
  );
}

function Cell({ use, number }: { readonly use: Use | undefined; readonly number: (value: number) => string }) {
  if (!use) return <>—</>;
  const isNear = use.limit !== null && use.used >= 0.9 * use.limit;
  return (
    <Text span inherit {...(isNear && { c: "red", fw: 600 })} style={{ whiteSpace: "nowrap" }}>
      {number(use.used)} / {use.limit === null ? "∞" : number(use.limit)}
    </Text>
  );
}
