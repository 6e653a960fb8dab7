import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function User() {
  return (
    <Page title="User">
      <Nothing />
    </Page>
  );
}
