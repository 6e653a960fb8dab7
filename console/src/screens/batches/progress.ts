/** The parts of the bar of a batch, in percent: aggregated, and added but not aggregated yet. */
export function sharesOf(batch: {
  readonly products_total: number;
  readonly aggregated_total: number;
  readonly planned_quantity: number | null;
}) {
  const whole = Math.max(batch.planned_quantity ?? 0, batch.products_total);
  if (whole === 0) return { aggregated: 0, added: 0 };
  const aggregated = (100 * batch.aggregated_total) / whole;
  return { aggregated, added: (100 * (batch.products_total - batch.aggregated_total)) / whole };
}
