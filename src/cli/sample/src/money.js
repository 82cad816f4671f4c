/** Whole cents; half a cent goes up. */
export function roundCents(cents) {
  return Math.round(cents);
}

/** Cents as people read them: 7200 is "72.00". */
export function formatCents(cents) {
  const sign = cents < 0 ? "-" : "";
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
