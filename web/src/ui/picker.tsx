import { Command } from "cmdk";
import { Check, ChevronDown } from "lucide-react";
import { Popover } from "radix-ui";
import type { ReactNode } from "react";
import { useState } from "react";
import { cx } from "./cx.ts";

export interface PickerOption {
  value: string;
  label: string;
  /** A second line, in words. */
  detail?: ReactNode;
  icon?: ReactNode;
  /** Options with the same group stand together under it. */
  group?: string;
  disabled?: boolean;
  /** More words that find it. */
  keywords?: string[];
}

interface PickerProps {
  /** What is picked: "Model". Its name for screen readers, with the choice. */
  label: string;
  value: string | null;
  options: readonly PickerOption[];
  onPick: (value: string) => void;
  placeholder?: string;
  /** Said when there is nothing to pick; may hold a link. */
  empty?: ReactNode;
  /** A last row under the list, such as a link to where options are made. */
  footer?: ReactNode;
  disabled?: boolean;
  side?: "top" | "bottom";
  align?: "start" | "end";
  className?: string;
  "data-testid"?: string;
}

/** Below this many options a search field is more in the way than it helps; typing still finds. */
const SEARCH_FROM = 8;

/** A quiet button that opens a list: arrow keys, typing and Enter pick; Escape leaves it as it was. */
export function Picker(props: PickerProps): ReactNode {
  const { label, value, options, onPick, placeholder = "Choose…", empty = "Nothing here yet." } = props;
  const [open, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  const groups = [...new Set(options.map((option) => option.group))];
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        disabled={props.disabled}
        aria-label={`${label}: ${chosen?.label ?? placeholder}`}
        data-testid={props["data-testid"]}
        className={cx(
          "inline-flex h-7 min-w-0 items-center gap-1.5 rounded-md px-2 text-sm text-muted transition-colors duration-100",
          "hover:bg-raised hover:text-ink disabled:opacity-50 data-[state=open]:bg-raised data-[state=open]:text-ink",
          props.className,
        )}
      >
        {chosen?.icon}
        <span className="truncate">{chosen?.label ?? placeholder}</span>
        <ChevronDown size={14} className="shrink-0 text-faint" aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side={props.side ?? "bottom"}
          align={props.align ?? "start"}
          sideOffset={6}
          collisionPadding={8}
          aria-label={label}
          className="animate-enter z-50 w-80 max-w-[calc(100vw-1rem)] overflow-hidden rounded-lg border border-line-strong bg-overlay"
        >
          <Command label={label} defaultValue={value ?? undefined}>
            <Command.Input
              placeholder={`Find a ${label.toLowerCase()}…`}
              className={
                options.length < SEARCH_FROM
                  ? "sr-only"
                  : "h-9 w-full border-b border-line bg-transparent px-3 text-base outline-none"
              }
            />
            <Command.List className="max-h-80 overflow-y-auto p-1">
              <Command.Empty className="px-3 py-4 text-sm text-muted">
                {options.length === 0 ? empty : "No match."}
              </Command.Empty>
              {groups.map((group) => (
                <Command.Group
                  key={group ?? ""}
                  heading={group}
                  className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-faint"
                >
                  {options
                    .filter((option) => option.group === group)
                    .map((option) => (
                      <Command.Item
                        key={option.value}
                        value={option.value}
                        keywords={[option.label, ...(option.keywords ?? [])]}
                        disabled={option.disabled}
                        onSelect={() => {
                          onPick(option.value);
                          setOpen(false);
                        }}
                        className="flex min-h-8 cursor-default items-center gap-2.5 rounded-md px-2 py-1.5 text-base select-none data-[disabled=true]:opacity-55 data-[selected=true]:bg-raised"
                      >
                        {option.icon}
                        <span className="flex min-w-0 flex-1 flex-col">
                          <span className="truncate">{option.label}</span>
                          {option.detail !== undefined && (
                            <span className="truncate text-xs text-muted">{option.detail}</span>
                          )}
                        </span>
                        {option.value === value && (
                          <Check size={16} className="shrink-0 text-accent" aria-label="Chosen" />
                        )}
                      </Command.Item>
                    ))}
                </Command.Group>
              ))}
            </Command.List>
            {props.footer !== undefined && <div className="border-t border-line p-1">{props.footer}</div>}
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
