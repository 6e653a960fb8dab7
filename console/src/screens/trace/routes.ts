import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

export const trace = createRoute({
  ...screen("/trace", () => import("./trace"), "Trace"),
  validateSearch: search({ code: "text" }),
});
