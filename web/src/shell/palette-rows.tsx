import { Command, defaultFilter } from "cmdk";
import type { ReactNode } from "react";
import { cx } from "../ui/cx.ts";

/** Begins the value of what the server found: its words are known to fit, whatever the letters say. */
export const FOUND = "found:";
/** Below all that is found by its own name, in the server's order. */
const FOUND_SCORE = 0.0001;

/** A row with keywords is found by them alone: its value is an id. One without is found by what it says. */
export function paletteScore(value: string, text: string, keywords: string[] = []): number {
  if (value.startsWith(FOUND)) return FOUND_SCORE;
  return defaultFilter(keywords.length === 0 ? value : "", text, keywords);
}

export function PaletteGroup({ heading, children }: { heading: string; children: ReactNode }): ReactNode {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-faint"
    >
      {children}
    </Command.Group>
  );
}

interface PaletteRowProps {
  icon: ReactNode;
  value?: string;
  keywords?: string[];
  /** More than one line. */
  tall?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function PaletteRow({ icon, tall = false, children, ...rest }: PaletteRowProps): ReactNode {
  return (
    <Command.Item
      {...rest}
      className={cx(
        "flex cursor-default gap-3 rounded-md px-2.5 select-none data-[selected=true]:bg-raised",
        tall ? "items-start py-1.5" : "h-9 items-center",
      )}
    >
      <span className={cx("shrink-0 text-faint", tall && "mt-0.5")}>{icon}</span>
      {children}
    </Command.Item>
  );
}
