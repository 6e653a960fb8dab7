import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { search } from "../../app/search";

export const operations = createRoute({
  getParentRoute: () => root,
  path: "/operations",
  component: lazyRouteComponent(() => import("./operations"), "Operations"),
  validateSearch: search({
    tab: "text",
    kind: "text",
    status: "text",
    type: "text",
    owner: "text",
    from: "text",
    to: "text",
    open: "text",
    page: "number",
    size: "number",
  }),
});
