import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";

export const construction = createRoute({
  getParentRoute: () => root,
  path: "/construction",
  component: lazyRouteComponent(() => import("./construction"), "Construction"),
});
export const defect = createRoute({
  getParentRoute: () => root,
  path: "/construction/defects/$id",
  component: lazyRouteComponent(() => import("./defect"), "Defect"),
});
