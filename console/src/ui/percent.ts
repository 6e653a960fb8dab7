/** A share in percent, to a tenth: 100 only for the whole, 0 only for nothing. */
export function percentOf(part: number, whole: number): number {
  if (whole === 0 || part === 0) return 0;
  const rounded = Math.round((1000 * part) / whole) / 10;
  return part < whole ? Math.min(99.9, Math.max(0.1, rounded)) : rounded;
}
