import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Batches() {
  return (
    <Page title="Batches">
      <Nothing />
    </Page>
  );
}
