import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../../ui/button.tsx";
import { ChoiceRow, ChoiceRows } from "../../ui/choice-row.tsx";
import { Select } from "../../ui/select.tsx";
import { scopeActions, scopePresets, scopeResources } from "./scope-words.ts";
import type { ScopePair } from "./scope-words.ts";

export type ScopeMode = (typeof scopePresets)[number]["value"] | "custom";

/** As many as a token may have. */
const MAX_PAIRS = 20;

interface ScopeChoiceProps {
  mode: ScopeMode;
  pairs: readonly ScopePair[];
  onMode: (mode: ScopeMode) => void;
  onPairs: (pairs: ScopePair[]) => void;
  error?: string | undefined;
}

/** What a token may do: one of the usual sets, or one's own. */
export function ScopeChoice({ mode, pairs, onMode, onPairs, error }: ScopeChoiceProps): ReactNode {
  return (
    <div className="flex flex-col gap-2">
      <ChoiceRows label="May do">
        {[...scopePresets, custom].map(({ value, label, description }) => (
          <ChoiceRow
            key={value}
            type="radio"
            name="scopes"
            checked={mode === value}
            onChange={() => onMode(value)}
            title={label}
            description={description}
          />
        ))}
      </ChoiceRows>
      {mode === "custom" && (
        <div className="flex flex-col gap-2">
          {pairs.map((pair, index) => (
            // Rows have no identity but their place.
            <div key={index} className="flex items-center gap-2">
              <div className="min-w-0 flex-1">
                <Select
                  aria-label={`Action ${index + 1}`}
                  value={pair.action}
                  options={scopeActions}
                  onValueChange={(value) => onPairs(pairs.with(index, { ...pair, action: value }))}
                />
              </div>
              <div className="min-w-0 flex-1">
                <Select
                  aria-label={`What ${index + 1}`}
                  value={pair.resource}
                  options={scopeResources}
                  onValueChange={(value) => onPairs(pairs.with(index, { ...pair, resource: value }))}
                />
              </div>
              <IconButton
                label="Take this away"
                size="md"
                disabled={pairs.length === 1}
                onClick={() => onPairs(pairs.toSpliced(index, 1))}
              >
                <X size={16} aria-hidden />
              </IconButton>
            </div>
          ))}
          <Button
            size="sm"
            className="self-start"
            disabled={pairs.length >= MAX_PAIRS}
            onClick={() => onPairs([...pairs, { action: "read", resource: "chat" }])}
          >
            <Plus size={14} aria-hidden />
            Add another
          </Button>
        </div>
      )}
      {error !== undefined && (
        <p role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

const custom = {
  value: "custom",
  label: "Chosen one by one",
  description: "Only what you list; everything else is refused.",
} as const;
