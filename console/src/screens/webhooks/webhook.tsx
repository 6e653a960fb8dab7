import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Webhook() {
  return (
    <Page title="Webhook">
      <Nothing />
    </Page>
  );
}
