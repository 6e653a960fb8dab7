import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { search } from "../../app/search";

export const reports = createRoute({
  getParentRoute: () => root,
  path: "/reports",
  component: lazyRouteComponent(() => import("./reports"), "Reports"),
  validateSearch: search({ view: "text", status: "text", page: "number", limit: "number" }),
});
export const report = createRoute({
  getParentRoute: () => root,
  path: "/reports/$id",
  component: lazyRouteComponent(() => import("./report"), "Report"),
});
