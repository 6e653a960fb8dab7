import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Keys() {
  return (
    <Page title="Keys">
      <Nothing />
    </Page>
  );
}
