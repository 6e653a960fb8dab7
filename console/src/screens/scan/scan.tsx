/** Filling a batch with a scanner. */

import { Choose } from "./choose";
import { scan } from "./routes";
import { Station } from "./station";

export function Scan() {
  const { batch } = scan.useSearch();
  return batch ? <Station key={batch} batchId={batch} /> : <Choose />;
}
