import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

/** The search parameters of the list, named like those of the API. */
export const readList = search({
  is_closed: "flag",
  batch_number: "number",
  batch_date: "text",
  batch_date_from: "text",
  batch_date_to: "text",
  work_center_id: "text",
  shift: "text",
  running: "flag",
  sort_field: "text",
  sort_direction: "text",
  page: "number",
  limit: "number",
});
/** The search parameters of a batch: the filters of its products. */
export const readProducts = search({ code: "text", is_aggregated: "flag", page: "number", limit: "number" });

export const batches = createRoute({
  ...screen("/batches", () => import("./batches"), "Batches"),
  validateSearch: readList,
});
export const batch = createRoute({
  ...screen("/batches/$id", () => import("./batch"), "Batch"),
  validateSearch: readProducts,
});
