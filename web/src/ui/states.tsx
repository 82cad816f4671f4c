import type { ReactNode } from "react";
import { ApiError } from "../api/error.ts";
import { Button } from "./button.tsx";
import { cx } from "./cx.ts";

/** The shape of what comes; invisible to screen readers, for which its place says `aria-busy`. */
export function Skeleton({ className }: { className?: string }): ReactNode {
  return <div aria-hidden className={cx("animate-breathe rounded-md bg-raised", className)} />;
}

interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** What this is for. */
  children: ReactNode;
  /** The first step. */
  action?: ReactNode;
}

export function EmptyState({ icon, title, children, action }: EmptyStateProps): ReactNode {
  return (
    <div className="flex flex-col items-start gap-3 rounded-lg border border-dashed border-line-strong px-6 py-8">
      {icon !== undefined && <div className="text-faint">{icon}</div>}
      <div className="max-w-lg">
        <h2 className="font-semibold">{title}</h2>
        <div className="mt-1 text-muted">{children}</div>
      </div>
      {action}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  /** What was tried: "load your workspaces". */
  doing: string;
  onRetry?: () => void;
}

/** What happened, what is safe, what to do. */
export function ErrorState({ error, doing, onRetry }: ErrorStateProps): ReactNode {
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-3 rounded-lg border border-line bg-danger-soft px-5 py-4"
    >
      <div>
        <h2 className="font-semibold text-danger">Could not {doing}</h2>
        <p className="mt-1 max-w-lg text-ink">{errorText(error)}</p>
        {requestId !== null && <p className="mt-1 font-mono text-xs text-muted">Request {requestId}</p>}
      </div>
      {onRetry !== undefined && (
        <Button size="sm" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** An error in words for a person: the server's own where it gave some. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) return [error.message, error.detail].filter(Boolean).map(asSentence).join(" ");
  return "Something unexpected happened in this page. Reloading it is safe.";
}

function asSentence(text: string | null): string {
  return text === null || /[.!?…]$/.test(text) ? (text ?? "") : `${text}.`;
}
