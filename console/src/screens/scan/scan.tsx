import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Scan() {
  return (
    <Page title="Scan">
      <Nothing />
    </Page>
  );
}
