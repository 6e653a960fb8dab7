import { Select } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import { notifyError } from "../../ui/notify";
import { siteByCode, useSiteNames, useSites } from "./data";
import { useText } from "./texts";
import type { Site } from "./words";

/** A choice of a site by its code or name. Where there are more than are listed, a whole code finds it. */
export function SiteSelect(props: {
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
  readonly clearable?: boolean;
  readonly activeOnly?: boolean;
  readonly error?: ReactNode;
}) {
  const text = useText();
  const { sites, more } = useSites();
  const [found, setFound] = useState<readonly Site[]>([]);
  const nameOf = useSiteNames(props.value ? [props.value] : []);
  const look = useDebouncedCallback((words: string) => {
    if (!more || !words || sites.some((site) => labelOf(site) === words)) return;
    siteByCode(words).then((site) => site && setFound((before) => [...before, site]), notifyError);
  }, 400);
  const shown = [...new Map([...sites, ...found].map((site) => [site.id, site])).values()];
  const data = shown
    .filter((site) => !props.activeOnly || site.status === "active" || site.id === props.value)
    .map((site) => ({ value: site.id, label: labelOf(site) }));
  if (props.value && !data.some((one) => one.value === props.value))
    data.unshift({ value: props.value, label: nameOf(props.value) });
  return (
    <Select
      label={text("site")}
      placeholder={props.activeOnly ? undefined : text("all")}
      description={more ? text("byCode") : undefined}
      data={data}
      value={props.value ?? null}
      onChange={(id) => props.onChange(id ?? undefined)}
      onSearchChange={look}
      searchable
      clearable={props.clearable ?? false}
      withAsterisk={props.activeOnly ?? false}
      allowDeselect={props.clearable ?? false}
      error={props.error}
      limit={100}
    />
  );
}

const labelOf = (site: Site) => `${site.code} · ${site.name}`;
