/** Import, export, and the history of both. */
import { IconFileExport, IconFileImport, IconHistory } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "../../app/session";
import { Page } from "../../ui/page";
import { TabbedViews } from "../../ui/tabs";
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
  return (
    <Page title={text("title")} hint={text("hint")}>
      <TabbedViews
        shown={tab}
        onShow={(next) => void navigate({ to: "/exchange", search: { tab: next } })}
        views={[
          ...(imports
            ? [
                {
                  name: "import",
                  title: text("import"),
                  icon: <IconFileImport size={16} aria-hidden />,
                  content: <Import />,
                },
              ]
            : []),
          {
            name: "export",
            title: text("export"),
            icon: <IconFileExport size={16} aria-hidden />,
            content: <Export />,
          },
          {
            name: "history",
            title: text("history"),
            icon: <IconHistory size={16} aria-hidden />,
            content: <History />,
          },
        ]}
      />
    </Page>
  );
}
