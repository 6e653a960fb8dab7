import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Webhooks() {
  return (
    <Page title="Webhooks">
      <Nothing />
    </Page>
  );
}
