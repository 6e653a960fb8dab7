import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";

export const exchange = createRoute({
  getParentRoute: () => root,
  path: "/exchange",
  component: lazyRouteComponent(() => import("./exchange"), "Exchange"),
});
