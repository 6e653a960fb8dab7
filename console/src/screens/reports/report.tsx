import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Report() {
  return (
    <Page title="Report">
      <Nothing />
    </Page>
  );
}
