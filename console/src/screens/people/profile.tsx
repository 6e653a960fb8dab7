import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Profile() {
  return (
    <Page title="Profile">
      <Nothing />
    </Page>
  );
}
