import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Users() {
  return (
    <Page title="Users">
      <Nothing />
    </Page>
  );
}
