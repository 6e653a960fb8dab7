import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function System() {
  return (
    <Page title="System">
      <Nothing />
    </Page>
  );
}
