import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

/** The search parameters: the open tab, the shown task, the filters of the export and the history. */
export const readExchange = search({
  tab: "text",
  task: "text",
  type: "text",
  status: "text",
  page: "number",
  limit: "number",
  is_closed: "flag",
  batch_number: "number",
  batch_date: "text",
  batch_date_from: "text",
  batch_date_to: "text",
  work_center_id: "text",
  shift: "text",
});

export const exchange = createRoute({
  ...screen("/exchange", () => import("./exchange"), "Exchange"),
  validateSearch: readExchange,
});
