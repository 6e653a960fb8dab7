/** The filters of the defects; all of them stand in the address. */
import { Button, Checkbox, Collapse, NumberInput, Select, SimpleGrid, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { useMay, useUser } from "../../app/session";
import { PeriodInput } from "../../ui/dates";
import { PersonSelect } from "../../ui/people";
import { useIsPhone } from "./data";
import { countOf, type Filters } from "./query";
import { SiteSelect } from "./site-select";
import { useText } from "./texts";
import { SEVERITIES, STATUSES } from "./words";

interface Props {
  readonly given: Filters;
  readonly onChange: (change: Filters) => void;
  /** The columns of the board are the statuses. */
  readonly board: boolean;
}

export function FilterBar(props: Props) {
  const text = useText();
  const isPhone = useIsPhone();
  const [opened, { toggle }] = useDisclosure();
  const count = countOf(props.given);
  if (!isPhone) return <Fields {...props} />;
  return (
    <Stack gap="xs">
      <Button
        variant="default"
        leftSection={<IconFilter size={16} aria-hidden />}
        onClick={toggle}
        aria-expanded={opened}
      >
        {text("filters")}
        {count > 0 && ` (${count})`}
      </Button>
      <Collapse expanded={opened}>{opened && <Fields {...props} />}</Collapse>
    </Stack>
  );
}

function Fields({ given, onChange, board }: Props) {
  const text = useText();
  const { roles } = useUser();
  const isCustomer = roles.every((role) => role === "customer");
  return (
    <Stack gap="xs">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="xs" verticalSpacing="xs">
        <SiteSelect value={given.site} onChange={(site) => onChange({ site })} clearable />
        {!board && (
          <Select
            label={text("status")}
            placeholder={text("all")}
            data={STATUSES.map((value) => ({ value, label: text(value) }))}
            value={given.status ?? null}
            onChange={(status) => onChange({ status: status ?? undefined })}
            clearable
          />
        )}
        <Select
          label={text("severity")}
          placeholder={text("all")}
          data={SEVERITIES.map((value) => ({ value, label: text(value) }))}
          value={given.severity ?? null}
          onChange={(severity) => onChange({ severity: severity ?? undefined })}
          clearable
        />
        {!isCustomer && (
          <>
            <PersonFilter
              label={text("assignee")}
              value={given.assignee}
              onChange={(assignee) => onChange({ assignee })}
            />
            <PersonFilter
              label={text("reporter")}
              value={given.reporter}
              onChange={(reporter) => onChange({ reporter })}
            />
          </>
        )}
        <NumberInput
          label={text("number")}
          value={given.number ?? ""}
          onChange={(number) => onChange({ number: typeof number === "number" && number > 0 ? number : undefined })}
          allowNegative={false}
          allowDecimal={false}
          hideControls
        />
        <PeriodInput
          label={text("due")}
          placeholder={text("all")}
          value={[given.from ?? null, given.to ?? null]}
          onChange={([from, to]) => onChange({ from: from ?? undefined, to: to ?? undefined })}
          clearable
        />
        <Checkbox
          label={text("onlyOverdue")}
          checked={given.overdue ?? false}
          onChange={(event) => onChange({ overdue: event.currentTarget.checked || undefined })}
          mt={{ base: 0, md: 32 }}
        />
      </SimpleGrid>
      {countOf(given) > 0 && (
        <Button variant="subtle" size="compact-sm" mr="auto" onClick={() => onChange(NONE)}>
          {text("reset")}
        </Button>
      )}
    </Stack>
  );
}

const NONE = {
  site: undefined,
  status: undefined,
  severity: undefined,
  assignee: undefined,
  reporter: undefined,
  overdue: undefined,
  from: undefined,
  to: undefined,
  number: undefined,
};

/** A filter by user; without the right to list users, a choice between all users and oneself. */
function PersonFilter(props: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}) {
  const text = useText();
  const may = useMay();
  const me = useUser();
  const given = {
    label: props.label,
    placeholder: text("all"),
    value: props.value ?? null,
    onChange: (id: string | null) => props.onChange(id ?? undefined),
  };
  if (may("GET /users") === "yes") return <PersonSelect {...given} />;
  return <Select {...given} data={[{ value: me.id, label: text("me") }]} clearable />;
}
