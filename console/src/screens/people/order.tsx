import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Order() {
  return (
    <Page title="Order">
      <Nothing />
    </Page>
  );
}
