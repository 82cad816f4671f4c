import { Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./cx.ts";

/** Something to know before going on. */
export function Notice({ tone = "info", children }: { tone?: "info" | "warning"; children: ReactNode }): ReactNode {
  const Icon = tone === "warning" ? TriangleAlert : Info;
  return (
    <div
      className={cx(
        "flex items-start gap-3 rounded-lg px-4 py-3",
        tone === "warning" ? "bg-warning-soft" : "bg-accent-soft",
      )}
    >
      <Icon
        size={16}
        aria-hidden
        className={cx("mt-[3px] shrink-0", tone === "warning" ? "text-warning" : "text-accent-strong")}
      />
      <div className="min-w-0 text-ink">{children}</div>
    </div>
  );
}
