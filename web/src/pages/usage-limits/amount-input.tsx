import type { ReactNode } from "react";
import { Input, type FieldControl } from "../../ui/field.tsx";

interface AmountInputProps extends FieldControl {
  value: string;
  onValue: (text: string) => void;
  autoFocus?: boolean;
}

/** A field for dollars, with their sign in it. */
export function AmountInput({ value, onValue, ...control }: AmountInputProps): ReactNode {
  return (
    <span className="relative block">
      <span aria-hidden className="pointer-events-none absolute inset-y-0 left-3 flex items-center text-faint">
        $
      </span>
      <Input
        {...control}
        inputMode="decimal"
        autoComplete="off"
        maxLength={20}
        placeholder="25.00"
        value={value}
        onChange={(event) => onValue(event.target.value)}
        className="tabular pl-7"
      />
    </span>
  );
}
