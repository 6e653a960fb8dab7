import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";

export const batches = createRoute({
  getParentRoute: () => root,
  path: "/batches",
  component: lazyRouteComponent(() => import("./batches"), "Batches"),
});
export const batch = createRoute({
  getParentRoute: () => root,
  path: "/batches/$id",
  component: lazyRouteComponent(() => import("./batch"), "Batch"),
});
