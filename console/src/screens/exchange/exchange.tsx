import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Exchange() {
  return (
    <Page title="Exchange">
      <Nothing />
    </Page>
  );
}
