import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

export const webhooks = createRoute({
  ...screen("/webhooks", () => import("./webhooks"), "Webhooks"),
  validateSearch: search({ tab: "text", event: "text", page: "number", size: "number" }),
});
export const webhook = createRoute({
  ...screen("/webhooks/$id", () => import("./webhook"), "Webhook"),
  validateSearch: search({
    tab: "text",
    status: "text",
    event: "text",
    page: "number",
    size: "number",
    delivery: "text",
  }),
});
