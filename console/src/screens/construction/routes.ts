import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { search } from "../../app/search";

export const construction = createRoute({
  getParentRoute: () => root,
  path: "/construction",
  validateSearch: search({
    view: "text",
    site: "text",
    status: "text",
    severity: "text",
    assignee: "text",
    reporter: "text",
    overdue: "flag",
    from: "text",
    to: "text",
    number: "number",
    sort: "text",
    order: "text",
    page: "number",
    size: "number",
  }),
  component: lazyRouteComponent(() => import("./construction"), "Construction"),
});
export const site = createRoute({
  getParentRoute: () => root,
  path: "/construction/sites/$id",
  component: lazyRouteComponent(() => import("./site"), "SitePage"),
});
export const defect = createRoute({
  getParentRoute: () => root,
  path: "/construction/defects/$id",
  component: lazyRouteComponent(() => import("./defect"), "DefectPage"),
});
