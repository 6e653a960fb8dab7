import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

/** What the address says: which part is open, which task is shown, and the filters of the export and the history. */
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
