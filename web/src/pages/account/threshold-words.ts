export const MODELS_OWN = "own";
/** What the model configs take for never. */
const NEVER = 100;
const choices = [40, 50, 60, 70, 80, 90, NEVER];

function words(percent: number): string {
  return percent >= NEVER ? "never" : `at ${percent} %`;
}

/** What can be picked: the model's own, a few sensible ones, and what was set another way. */
export function thresholdOptions(modelsOwn: number, set: number | null): { value: string; label: string }[] {
  const percents = set === null || choices.includes(set) ? choices : [...choices, set].sort((a, b) => a - b);
  return [
    { value: MODELS_OWN, label: `As the model: ${words(modelsOwn)}` },
    ...percents.map((percent) => ({
      value: String(percent),
      label: words(percent).replace(/^./, (first) => first.toUpperCase()),
    })),
  ];
}
