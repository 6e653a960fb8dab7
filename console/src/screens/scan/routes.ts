import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { search } from "../../app/search";

export const scan = createRoute({
  getParentRoute: () => root,
  path: "/scan",
  component: lazyRouteComponent(() => import("./scan"), "Scan"),
  validateSearch: search({ batch: "text" }),
});
