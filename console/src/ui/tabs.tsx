import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";

interface View<Name extends string> {
  readonly name: Name;
  readonly title: string;
  readonly icon?: ReactNode;
  readonly content: ReactNode;
}

/** The views of a screen; `shown` is the name of one, else the first is shown. A single view has no tabs. */
export function TabbedViews<Name extends string>({
  views,
  shown,
  onShow,
}: {
  readonly views: readonly View<Name>[];
  readonly shown: string | undefined;
  readonly onShow: (name: Name) => void;
}) {
  const [first] = views;
  if (views.length === 1) return first?.content;
  return (
    <Tabs
      value={views.find(({ name }) => name === shown)?.name ?? first?.name ?? null}
      onChange={(name) => onShow(name as Name)}
      keepMounted={false}
    >
      <Tabs.List mb="md" style={{ flexWrap: "nowrap", overflowX: "auto" }}>
        {views.map(({ name, title, icon }) => (
          <Tabs.Tab key={name} value={name} leftSection={icon} px={{ base: 8, sm: "md" }}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {views.map(({ name, content }) => (
        <Tabs.Panel key={name} value={name}>
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
