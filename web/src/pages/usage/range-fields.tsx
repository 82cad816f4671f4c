import type { ReactNode } from "react";
import { Field, Input } from "../../ui/field.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Select } from "../../ui/select.tsx";
import { dayRanges, dayText, DEFAULT_DAYS, type RangeSearch, type UsageRange } from "./usage-search.ts";

interface RangeFieldsProps {
  search: RangeSearch;
  range: UsageRange;
  onChange: (search: RangeSearch) => void;
}

const options = [
  ...dayRanges.map((days) => ({ value: String(days), label: `${days} days` })),
  { value: "month", label: "This month" },
  { value: "own", label: "Other dates" },
];

/** Of which time the figures are. */
export function RangeFields({ search, range, onChange }: RangeFieldsProps): ReactNode {
  const chosen = search.range ?? String(search.days ?? DEFAULT_DAYS);

  function choose(value: string): void {
    const none = { days: undefined, range: undefined, from: undefined, to: undefined };
    // The dates that are shown now are the first to change.
    if (value === "own") {
      return onChange({ ...none, range: "own", from: dayText(range.from), to: dayText(range.to - 1) });
    }
    if (value === "month") return onChange({ ...none, range: "month" });
    const days = dayRanges.find((each) => String(each) === value);
    onChange({ ...none, days: days === DEFAULT_DAYS ? undefined : days });
  }

  const setDay = (part: Partial<Record<"from" | "to", string>>) => onChange({ ...search, ...part });
  return (
    <div className="@container flex w-full flex-col gap-3">
      <div className="@max-[29rem]:hidden">
        <Segments label="Range" value={chosen} options={options} onChange={choose} />
      </div>
      <div className="@[29rem]:hidden">
        <Select aria-label="Range" value={chosen} options={options} onValueChange={choose} />
      </div>
      {search.range === "own" && (
        <div className="grid grid-cols-2 gap-2 sm:flex sm:*:w-44">
          <Field label="From">
            {(control) => (
              <Input
                {...control}
                type="date"
                max={search.to}
                value={search.from ?? ""}
                onChange={(event) => setDay({ from: event.target.value })}
              />
            )}
          </Field>
          <Field label="To and with">
            {(control) => (
              <Input
                {...control}
                type="date"
                min={search.from}
                value={search.to ?? ""}
                onChange={(event) => setDay({ to: event.target.value })}
              />
            )}
          </Field>
        </div>
      )}
    </div>
  );
}
