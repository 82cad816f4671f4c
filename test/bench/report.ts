/** One line of the table. A contestant that has no such figure has null. */
export interface Figure {
  key: string;
  /** What is measured, with its unit. */
  title: string;
  ours: number;
  peer: number | null;
  bare: number | null;
  /** What the bar is about: ours over the peer's, ours itself, and so on. */
  ratio: number | null;
  bar: string;
  met: boolean;
}

/** The table for people, and after it one line of JSON for programs. */
export function report(figures: readonly Figure[]): string {
  const head = ["figure", "ours", "peer", "bare", "ratio", "must be", ""];
  const lines = figures.map(({ title, ours, peer, bare, ratio, bar, met }) => [
    title,
    ...[ours, peer, bare].map(amount),
    ratio === null ? "–" : ratio.toFixed(2),
    bar,
    met ? "✓" : "✗",
  ]);
  const widths = head.map((word, column) => Math.max(word.length, ...lines.map((line) => (line[column] ?? "").length)));
  const table = [head, widths.map((width) => "─".repeat(width)), ...lines].map((line) =>
    line
      .map((cell, column) =>
        column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  const missed = figures.filter(({ met }) => !met).length;
  const verdict = missed === 0 ? "Every bar is met." : `${missed} of ${figures.length} bars are not met.`;
  const json = Object.fromEntries(
    figures.map(({ key, ours, peer, bare, ratio, bar, met }) => [
      key,
      { ours: rounded(ours), peer: rounded(peer), bare: rounded(bare), ratio: rounded(ratio), bar, met },
    ]),
  );
  return [...table, "", verdict, JSON.stringify(json)].join("\n");
}

function amount(value: number | null): string {
  if (value === null) return "–";
  if (value >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}
