import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

export const reports = createRoute({
  ...screen("/reports", () => import("./reports"), "Reports"),
  validateSearch: search({ view: "text", status: "text", page: "number", limit: "number" }),
});
export const report = createRoute({ ...screen("/reports/$id", () => import("./report"), "Report") });
