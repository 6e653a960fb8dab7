/** All routes. They stand after `#`, so the API serves one page under any prefix. */
import { createHashHistory, createRoute, createRouter, Navigate } from "@tanstack/react-router";
import * as batches from "../screens/batches/routes";
import * as construction from "../screens/construction/routes";
import * as exchange from "../screens/exchange/routes";
import * as operations from "../screens/operations/routes";
import * as people from "../screens/people/routes";
import * as reports from "../screens/reports/routes";
import * as scan from "../screens/scan/routes";
import * as system from "../screens/system/routes";
import * as today from "../screens/today/routes";
import * as trace from "../screens/trace/routes";
import * as webhooks from "../screens/webhooks/routes";
import { Loading } from "../ui/state";
import { root } from "./root";
import { startOf } from "./screens";
import { useSession, useUser } from "./session";

const index = createRoute({ getParentRoute: () => root, path: "/", component: Start });

function Start() {
  const { state } = useSession();
  const { roles } = useUser();
  return <Navigate to={startOf(roles, state.is === "in" && state.open)} replace />;
}

const tree = root.addChildren([
  index,
  today.today,
  batches.batches,
  batches.batch,
  scan.scan,
  exchange.exchange,
  trace.trace,
  reports.reports,
  reports.report,
  operations.operations,
  webhooks.webhooks,
  webhooks.webhook,
  construction.construction,
  construction.site,
  construction.defect,
  people.orders,
  people.order,
  people.users,
  people.user,
  people.keys,
  people.profile,
  people.link,
  system.system,
]);

export const router = createRouter({
  routeTree: tree,
  history: createHashHistory(),
  defaultPendingComponent: Loading,
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
