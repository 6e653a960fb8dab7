import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

export const orders = createRoute({
  ...screen("/orders", () => import("./orders"), "Orders"),
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
export const order = createRoute({ ...screen("/orders/$id", () => import("./order"), "OrderScreen") });
export const users = createRoute({
  ...screen("/users", () => import("./users"), "Users"),
  validateSearch: search({ find: "text", tab: "text", oldest: "flag", page: "number", size: "number" }),
});
export const user = createRoute({ ...screen("/users/$id", () => import("./user"), "UserScreen") });
export const keys = createRoute({
  ...screen("/keys", () => import("./keys"), "Keys"),
  validateSearch: search({ page: "number", size: "number" }),
});
export const profile = createRoute({ ...screen("/profile", () => import("./profile"), "Profile") });
export const link = createRoute({
  ...screen("/link/$kind", () => import("./link"), "FromEmail"),
  validateSearch: search({ token: "text" }),
});
