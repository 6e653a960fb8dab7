import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { search } from "../../app/search";

export const webhooks = createRoute({
  getParentRoute: () => root,
  path: "/webhooks",
  validateSearch: search({ tab: "text", event: "text", page: "number", size: "number" }),
  component: lazyRouteComponent(() => import("./webhooks"), "Webhooks"),
});
export const webhook = createRoute({
  getParentRoute: () => root,
  path: "/webhooks/$id",
  validateSearch: search({
    tab: "text",
    status: "text",
    event: "text",
    page: "number",
    size: "number",
    delivery: "text",
  }),
  component: lazyRouteComponent(() => import("./webhook"), "Webhook"),
});
