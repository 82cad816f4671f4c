import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { FieldControl } from "../../ui/field.tsx";
import { Field, Input, Textarea } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { callOptions, type CallOption, type OptionKey, type OptionValues } from "./call-options.ts";

interface CallOptionFieldsProps {
  provider: string;
  values: OptionValues;
  errors: Partial<Record<OptionKey, string>>;
  onChange: (key: OptionKey, text: string) => void;
}

/** The rarely needed rest of a model's form, folded until something in it is set, opened or wrong. */
export function CallOptionFields({ provider, values, errors, onChange }: CallOptionFieldsProps): ReactNode {
  const options = callOptions(provider);
  const set = options.filter(({ key }) => (values[key] ?? "") !== "").length;
  const wrong = options.some(({ key }) => errors[key] !== undefined);
  const [open, setOpen] = useState(set > 0);
  return (
    <details
      open={open || wrong}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="group rounded-lg border border-line"
    >
      <summary className="flex cursor-pointer list-none items-center gap-2 rounded-lg px-4 py-3 font-medium">
        <ChevronRight size={16} aria-hidden className="shrink-0 text-faint transition-transform group-open:rotate-90" />
        Call options
        <span className="text-sm font-normal text-faint">{set === 0 ? "none set" : `${set} set`}</span>
      </summary>
      <div className="grid gap-4 px-4 pt-1 pb-4 sm:grid-cols-2">
        {options.map((option) => (
          <Field
            key={option.key}
            label={option.label}
            hint={option.hint}
            error={errorOf(option, errors[option.key])}
            className={option.kind === "json" ? "sm:col-span-2" : ""}
          >
            {(control) => (
              <OptionControl
                control={control}
                option={option}
                value={values[option.key] ?? ""}
                onChange={(text) => onChange(option.key, text)}
              />
            )}
          </Field>
        ))}
      </div>
    </details>
  );
}

/** What a schema says of a number or of JSON is for programmers. */
function errorOf({ kind, hint }: CallOption, error: string | undefined): string | undefined {
  if (error === undefined) return undefined;
  if (kind === "number")
    return `Give a number${hint === undefined ? "" : ` (${hint.replace(/\.$/, "")})`}, or leave it empty.`;
  if (kind === "json" && /expected object/i.test(error)) return 'Write a JSON object, such as {"user": "team"}.';
  return error;
}

/** A select has no empty choice of its own. */
const DEFAULT = "default";

function OptionControl({
  control,
  option: { kind },
  value,
  onChange,
}: {
  control: FieldControl;
  option: CallOption;
  value: string;
  onChange: (text: string) => void;
}): ReactNode {
  if (kind === "yes-no" || typeof kind === "object") {
    const choices = typeof kind === "object" ? kind.choices.map(asChoice) : YES_NO;
    return (
      <Select
        {...control}
        value={value === "" ? DEFAULT : value}
        onValueChange={(chosen) => onChange(chosen === DEFAULT ? "" : chosen)}
        options={[{ value: DEFAULT, label: "The provider's default" }, ...choices]}
      />
    );
  }
  const shared = { ...control, value, autoComplete: "off", spellCheck: false };
  if (kind === "json") {
    return <Textarea {...shared} rows={3} className="font-mono" onChange={(event) => onChange(event.target.value)} />;
  }
  return (
    <Input
      {...shared}
      inputMode={kind === "number" ? "decimal" : "text"}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

const YES_NO = [
  { value: "true", label: "Yes" },
  { value: "false", label: "No" },
];

function asChoice(value: string): { value: string; label: string } {
  const words = value.toLowerCase().replaceAll("_", " ");
  return { value, label: `${words.charAt(0).toUpperCase()}${words.slice(1)}` };
}
