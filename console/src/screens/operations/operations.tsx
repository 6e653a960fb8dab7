import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Operations() {
  return (
    <Page title="Operations">
      <Nothing />
    </Page>
  );
}
