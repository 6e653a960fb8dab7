import { Page } from "../../ui/page";
import { Nothing } from "../../ui/state";

export function Orders() {
  return (
    <Page title="Orders">
      <Nothing />
    </Page>
  );
}
