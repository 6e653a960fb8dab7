import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function FromEmail() {
  return (
    <Page title="FromEmail">
      <Nothing />
    </Page>
  );
}
