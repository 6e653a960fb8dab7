import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Batch() {
  return (
    <Page title="Batch">
      <Nothing />
    </Page>
  );
}
