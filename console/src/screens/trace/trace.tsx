import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Trace() {
  return (
    <Page title="Trace">
      <Nothing />
    </Page>
  );
}
