import { Select, type SelectProps } from "@mantine/core";
import { titleOf, useWorkCenters } from "./centers";
import { useText } from "./texts";

/** Choosing a work centre by its name or identifier. */
export function WorkCenterSelect(props: Omit<SelectProps, "data">) {
  const text = useText();
  const { data, isPending } = useWorkCenters();
  return (
    <Select
      label={text("center")}
      data={(data ?? []).map((center) => ({ value: center.uuid, label: titleOf(center) }))}
      searchable
      limit={100}
      nothingFoundMessage={isPending ? undefined : text("nothingFound")}
      {...props}
    />
  );
}
