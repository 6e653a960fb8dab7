import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";

export const trace = createRoute({
  getParentRoute: () => root,
  path: "/trace",
  component: lazyRouteComponent(() => import("./trace"), "Trace"),
});
