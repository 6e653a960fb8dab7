import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Reports() {
  return (
    <Page title="Reports">
      <Nothing />
    </Page>
  );
}
