import { Bot, UsersRound } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./cx.ts";

const sizes = { sm: "size-5 text-[0.625rem]", md: "size-7 text-xs" } as const;

interface AvatarProps {
  /** Whose first letter stands in it. */
  name: string;
  kind?: "person" | "service" | "group";
  size?: keyof typeof sizes;
  className?: string;
}

/**
 * A face beside a name, never without it. Pictures from elsewhere would tell elsewhere who looks at what, so it is
 * the first letter.
 */
export function Avatar({ name, kind = "person", size = "md", className }: AvatarProps): ReactNode {
  const icon = size === "sm" ? 12 : 14;
  return (
    <span
      aria-hidden
      className={cx(
        "flex shrink-0 items-center justify-center rounded-full font-semibold uppercase select-none",
        kind === "person" ? "bg-accent-soft text-accent-strong" : "bg-raised text-muted",
        sizes[size],
        className,
      )}
    >
      {kind === "group" ? <UsersRound size={icon} /> : kind === "service" ? <Bot size={icon} /> : firstLetter(name)}
    </span>
  );
}

/** The first character as a reader sees it; a mark that turns the text around is none. */
function firstLetter(name: string): string {
  const visible = name.replaceAll(/[\p{C}\p{Z}]/gu, "");
  const [first] = new Intl.Segmenter().segment(visible);
  return first?.segment ?? "?";
}
