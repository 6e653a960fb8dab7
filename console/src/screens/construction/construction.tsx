import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Construction() {
  return (
    <Page title="Construction">
      <Nothing />
    </Page>
  );
}
