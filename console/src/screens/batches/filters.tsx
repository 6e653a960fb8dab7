import { Button, Checkbox, Group, NumberInput, SegmentedControl, Stack, TextInput, useMatches } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconFilter, IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useFormat } from "../../i18n/format";
import { PeriodInput } from "../../ui/dates";
import { useText as useUiText } from "../../ui/texts";
import { WorkCenterSelect } from "./center-select";
import { hasFilters, type ListSearch } from "./state";
import { useText } from "./texts";

const TYPING_MS = 350;
const MOST_NUMBER = 1e15;

interface Props {
  readonly search: ListSearch;
  readonly onChange: (change: ListSearch) => void;
  /** Whether it is about batches as they are now; an export has no filter for running shifts. */
  readonly live?: boolean;
}

/** All filters of the list; typed values apply when the typing pauses. On a phone they are folded. */
export function Filters(props: Props) {
  const text = useText();
  const [opened, { toggle }] = useDisclosure();
  const narrow = useMatches({ base: true, sm: false });
  if (!narrow) return <Fields {...props} />;
  return (
    <Stack gap="sm" component="search">
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <BatchNumber {...props} />
        <Button
          variant={hasFilters(props.search) ? "light" : "default"}
          leftSection={<IconFilter size={16} aria-hidden />}
          aria-expanded={opened}
          onClick={toggle}
        >
          {text("filters")}
        </Button>
      </Group>
      {opened && <Fields {...props} withNumber={false} />}
    </Stack>
  );
}

function Fields({ search, onChange, withNumber = true, live = true }: Props & { readonly withNumber?: boolean }) {
  const text = useText();
  const ui = useUiText();
  const period: [string | null, string | null] = [
    search.batch_date ?? search.batch_date_from ?? null,
    search.batch_date ?? search.batch_date_to ?? null,
  ];
  return (
    <Group component={withNumber ? "search" : "div"} align="flex-end" gap="sm">
      {withNumber && <BatchNumber search={search} onChange={onChange} />}
      <PeriodInput
        label={text("period")}
        placeholder={text("anyDate")}
        clearable
        w={{ base: "100%", xs: 230 }}
        value={period}
        onChange={([from, to]) =>
          onChange({ batch_date: undefined, batch_date_from: from ?? undefined, batch_date_to: to ?? undefined })
        }
      />
      <WorkCenterSelect
        placeholder={text("anyCenter")}
        clearable
        w={{ base: "100%", xs: 220 }}
        value={search.work_center_id ?? null}
        onChange={(id) => onChange({ work_center_id: id ?? undefined })}
      />
      <Shift search={search} onChange={onChange} />
      <SegmentedControl
        aria-label={text("state")}
        value={String(search.is_closed ?? "")}
        onChange={(value) => onChange({ is_closed: value === "" ? undefined : value === "true" })}
        data={[
          { value: "", label: text("any") },
          { value: "false", label: text("opens") },
          { value: "true", label: text("closeds") },
        ]}
      />
      {live && (
        <Checkbox
          label={text("running")}
          checked={search.running ?? false}
          onChange={(event) => onChange({ running: event.currentTarget.checked || undefined })}
          h={36}
          styles={{ body: { alignItems: "center", height: "100%" } }}
        />
      )}
      {hasFilters(search) && (
        <Button variant="subtle" leftSection={<IconX size={16} aria-hidden />} onClick={() => onChange(CLEAR)}>
          {ui("reset")}
        </Button>
      )}
    </Group>
  );
}

const CLEAR: ListSearch = {
  is_closed: undefined,
  batch_number: undefined,
  batch_date: undefined,
  batch_date_from: undefined,
  batch_date_to: undefined,
  work_center_id: undefined,
  shift: undefined,
  running: undefined,
};

function BatchNumber({ search, onChange }: Props) {
  const text = useText();
  const { number } = useFormat();
  const [typed, setTyped] = useTyped(search.batch_number, (value) =>
    onChange({ batch_number: typeof value === "number" && value > 0 && value <= MOST_NUMBER ? value : undefined }),
  );
  return (
    <NumberInput
      label={text("search")}
      placeholder={text("wholeNumber")}
      leftSection={<IconSearch size={16} aria-hidden />}
      w={{ base: "auto", sm: 180 }}
      flex={{ base: 1, sm: "none" }}
      hideControls
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="none"
      error={typed !== undefined && Number(typed) > MOST_NUMBER && text("tooLarge", { most: number(MOST_NUMBER) })}
      value={typed ?? ""}
      onChange={setTyped}
    />
  );
}

function Shift({ search, onChange }: Props) {
  const text = useText();
  const [typed, setTyped] = useTyped(search.shift, (value) =>
    onChange({ shift: String(value ?? "").trim() || undefined }),
  );
  return (
    <TextInput
      label={text("shift")}
      placeholder={text("anyShift")}
      w={{ base: "100%", xs: 110 }}
      maxLength={200}
      value={typed ?? ""}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

/** The text of a field; `onValue` gets it when the typing pauses. Follows the address. */
export function useTyped(value: string | number | undefined, onValue: (value: string | number | undefined) => void) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const later = useDebouncedCallback(onValue, TYPING_MS);
  const type = (next: string | number) => {
    setTyped(next);
    later(next);
  };
  return [typed, type] as const;
}
