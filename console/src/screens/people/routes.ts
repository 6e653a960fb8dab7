import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { search } from "../../app/search";

export const orders = createRoute({
  getParentRoute: () => root,
  path: "/orders",
  component: lazyRouteComponent(() => import("./orders"), "Orders"),
  validateSearch: search({
    status: "text",
    user: "text",
    from: "text",
    to: "text",
    oldest: "flag",
    page: "number",
    size: "number",
  }),
});
export const order = createRoute({
  getParentRoute: () => root,
  path: "/orders/$id",
  component: lazyRouteComponent(() => import("./order"), "OrderScreen"),
});
export const users = createRoute({
  getParentRoute: () => root,
  path: "/users",
  component: lazyRouteComponent(() => import("./users"), "Users"),
  validateSearch: search({ find: "text", tab: "text", oldest: "flag", page: "number", size: "number" }),
});
export const user = createRoute({
  getParentRoute: () => root,
  path: "/users/$id",
  component: lazyRouteComponent(() => import("./user"), "UserScreen"),
});
export const keys = createRoute({
  getParentRoute: () => root,
  path: "/keys",
  component: lazyRouteComponent(() => import("./keys"), "Keys"),
  validateSearch: search({ page: "number", size: "number" }),
});
export const profile = createRoute({
  getParentRoute: () => root,
  path: "/profile",
  component: lazyRouteComponent(() => import("./profile"), "Profile"),
});
export const link = createRoute({
  getParentRoute: () => root,
  path: "/link/$kind",
  component: lazyRouteComponent(() => import("./link"), "FromEmail"),
  validateSearch: search({ token: "text" }),
});
