import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

export const operations = createRoute({
  ...screen("/operations", () => import("./operations"), "Operations"),
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
