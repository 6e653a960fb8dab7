/** Sites with their progress, and defects as a table or as a board. */
import { Button, SegmentedControl } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useMay, useUser } from "../../app/session";
import { Page } from "../../ui/page";
import { Board } from "./board";
import { Defects } from "./defects";
import { FilterBar } from "./filters";
import { NewDefect } from "./new-defect";
import type { Address, View } from "./query";
import { SiteForm } from "./site-form";
import { Sites } from "./sites";
import { useText } from "./texts";

const route = getRouteApi("/construction");
const VIEWS: readonly View[] = ["sites", "table", "board"];

export function Construction() {
  const text = useText();
  const given = route.useSearch();
  const navigate = route.useNavigate();
  const { roles } = useUser();
  const watches = !roles.some((role) => ["engineer", "manager", "admin"].includes(role));
  const view = VIEWS.find((one) => one === given.view) ?? (watches ? "sites" : "table");
  const go = (change: Partial<Address>) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...change }), replace: true });
  return (
    <Page title={text("title")} actions={<Actions view={view} site={given.site} />}>
      <SegmentedControl
        aria-label={text("view")}
        value={view}
        onChange={(chosen) => void navigate({ search: (before) => ({ ...before, page: undefined, view: chosen }) })}
        data={VIEWS.map((value) => ({ value, label: text(value) }))}
      />
      {view === "sites" ? <Sites /> : <FilterBar given={given} onChange={go} board={view === "board"} />}
      {view === "table" && <Defects given={given} onChange={go} />}
      {view === "board" && <Board given={given} />}
    </Page>
  );
}

function Actions({ view, site }: { readonly view: View; readonly site: string | undefined }) {
  const text = useText();
  const may = useMay();
  const [defect, onDefect] = useDisclosure();
  const [isMaking, making] = useDisclosure();
  return (
    <>
      {view === "sites" && may("POST /api/v1/sites") && (
        <Button variant="default" onClick={making.open}>
          {text("newSite")}
        </Button>
      )}
      {may("POST /api/v1/defects") && (
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={onDefect.open}>
          {text("newDefect")}
        </Button>
      )}
      {defect && <NewDefect site={site} onClose={onDefect.close} />}
      {isMaking && <SiteForm onClose={making.close} />}
    </>
  );
}
