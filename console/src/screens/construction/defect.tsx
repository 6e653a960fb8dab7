import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Defect() {
  return (
    <Page title="Defect">
      <Nothing />
    </Page>
  );
}
