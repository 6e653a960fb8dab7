import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { search } from "../../app/search";

export const trace = createRoute({
  getParentRoute: () => root,
  path: "/trace",
  validateSearch: search({ code: "text" }),
  component: lazyRouteComponent(() => import("./trace"), "Trace"),
});
