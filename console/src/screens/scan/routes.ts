import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

export const scan = createRoute({
  ...screen("/scan", () => import("./scan"), "Scan"),
  validateSearch: search({ batch: "text" }),
});
