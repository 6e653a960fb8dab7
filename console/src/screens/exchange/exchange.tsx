/** Import and export: a file in, a file out, and what became of the earlier ones. */
import { Tabs } from "@mantine/core";
import { IconFileExport, IconFileImport, IconHistory } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "../../app/session";
import { Page } from "../../ui/page";
import { Export } from "./export";
import { History } from "./history";
import { Import } from "./import";
import { exchange } from "./routes";
import { useText } from "./texts";

export function Exchange() {
  const text = useText();
  const may = useMay();
  const navigate = useNavigate();
  const { tab } = exchange.useSearch();
  const imports = may("POST /api/batches/import/uploads") !== undefined;
  const first = imports ? "import" : "export";
  const shown = tab === "export" || tab === "history" ? tab : first;
  return (
    <Page title={text("title")} hint={text("hint")}>
      <Tabs
        value={shown}
        onChange={(next) => void navigate({ to: "/exchange", search: { tab: next ?? first } })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {imports && (
            <Tabs.Tab value="import" leftSection={<IconFileImport size={16} aria-hidden />}>
              {text("import")}
            </Tabs.Tab>
          )}
          <Tabs.Tab value="export" leftSection={<IconFileExport size={16} aria-hidden />}>
            {text("export")}
          </Tabs.Tab>
          <Tabs.Tab value="history" leftSection={<IconHistory size={16} aria-hidden />}>
            {text("history")}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="import">
          <Import />
        </Tabs.Panel>
        <Tabs.Panel value="export">
          <Export />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
