/** The filters of the list, which are in the address. */
import { Button, Group, Input, MultiSelect, SegmentedControl, Select, Switch } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { useMay, useUser } from "../../app/session";
import { PeriodInput } from "../../ui/dates";
import { PersonSelect } from "../../ui/people";
import { useTypeName } from "./parts";
import type { Asked } from "./reading";
import { chosen, KINDS, STATES, TYPES } from "./rules";
import { useText } from "./texts";

interface Props {
  readonly asked: Asked;
  readonly change: (changes: Asked) => void;
}

const ACTIVE = "waiting,running";
const NARROWING = ["kind", "status", "type", "owner", "from", "to"] as const;

/** Whether the address narrows the list. */
export const isNarrowed = (asked: Asked) => NARROWING.some((name) => asked[name] !== undefined);

export function Filters({ asked, change }: Props) {
  const text = useText();
  const isPhone = useMediaQuery("(max-width: 36em)", false, { getInitialValueInEffect: false });
  const [opened, { toggle }] = useDisclosure();
  const count = NARROWING.filter((name) => name !== "status" && asked[name] !== undefined).length;
  return (
    <Group component="search" gap="sm" align="flex-end">
      <States asked={asked} change={change} />
      {isPhone && (
        <Button
          variant="default"
          leftSection={<IconFilter size={16} aria-hidden />}
          aria-expanded={opened}
          onClick={toggle}
        >
          {count > 0 ? text("filtersOn", { count }) : text("filters")}
        </Button>
      )}
      {(opened || !isPhone) && <Narrowing asked={asked} change={change} />}
      {isNarrowed(asked) && (
        <Button variant="subtle" onClick={() => change(Object.fromEntries(NARROWING.map((name) => [name, undefined])))}>
          {text("reset")}
        </Button>
      )}
    </Group>
  );
}

function Narrowing({ asked, change }: Props) {
  const text = useText();
  const may = useMay();
  return (
    <>
      <MultiSelect
        label={text("kind")}
        placeholder={asked.kind ? "" : text("any")}
        data={KINDS.map((kind) => ({ value: kind, label: text(kind) }))}
        value={chosen(asked.kind, KINDS)}
        onChange={(kinds) => change({ kind: kinds.join(",") || undefined, type: undefined })}
        clearable
        w={{ base: "100%", xs: 220 }}
      />
      <Types asked={asked} change={change} />
      {may("GET /users") ? (
        <PersonSelect
          label={text("owner")}
          placeholder={text("any")}
          value={asked.owner ?? null}
          onChange={(id) => change({ owner: id ?? undefined })}
          w={{ base: "100%", xs: 190 }}
        />
      ) : (
        may("GET /api/v1/operations") === "yes" && <Mine asked={asked} change={change} />
      )}
      <PeriodInput
        label={text("period")}
        placeholder={text("anyPeriod")}
        value={[asked.from ?? null, asked.to ?? null]}
        onChange={([from, to]) => change({ from: from ?? undefined, to: to ?? undefined })}
        clearable
        w={{ base: "100%", xs: 220 }}
      />
    </>
  );
}

function States({ asked, change }: Props) {
  const text = useText();
  const states = chosen(asked.status, STATES).join(",");
  const shown = ["", ACTIVE, "failed", "done"].includes(states)
    ? []
    : [{ value: states, label: wordsOf(states, text) }];
  return (
    <Input.Wrapper label={text("status")} labelElement="div">
      <div>
        <SegmentedControl
          aria-label={text("status")}
          value={states}
          onChange={(status) => change({ status: status || undefined })}
          data={[
            { value: "", label: text("all") },
            { value: ACTIVE, label: text("active") },
            { value: "failed", label: text("failed") },
            { value: "done", label: text("done") },
            ...shown,
          ]}
        />
      </div>
    </Input.Wrapper>
  );
}

const wordsOf = (states: string, text: ReturnType<typeof useText>) =>
  chosen(states, STATES)
    .map((state) => text(state))
    .join(", ");

function Types({ asked, change }: Props) {
  const text = useText();
  const typeName = useTypeName();
  const kinds = asked.kind ? chosen(asked.kind, KINDS) : KINDS;
  const known: string[] = kinds.flatMap((kind) => [...TYPES[kind === "schedule" ? "deferred" : kind]]);
  const all = new Set([...known, ...(asked.type ? [asked.type] : [])]);
  return (
    <Select
      label={text("type")}
      placeholder={text("any")}
      data={[...all].map((type) => ({ value: type, label: typeName(type) }))}
      value={asked.type ?? null}
      onChange={(type) => change({ type: type ?? undefined })}
      clearable
      searchable
      w={{ base: "100%", xs: 180 }}
    />
  );
}

function Mine({ asked, change }: Props) {
  const text = useText();
  const me = useUser();
  return (
    <Switch
      label={text("mine")}
      checked={asked.owner === me.id}
      onChange={({ currentTarget }) => change({ owner: currentTarget.checked ? me.id : undefined })}
    />
  );
}
