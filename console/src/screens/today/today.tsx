import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Today() {
  return (
    <Page title="Today">
      <Nothing />
    </Page>
  );
}
