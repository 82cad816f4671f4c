import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { Button } from "../ui/button.tsx";
import type { OutgoingMessage } from "./outgoing.ts";
import { PersonBlock } from "./row-view.tsx";
import { explainError } from "./status-words.ts";

interface OutgoingRowProps {
  message: OutgoingMessage;
  onRetry: () => void;
  onTakeBack: () => void;
}

/** A message that this page has sent and the stream has not brought yet. */
export function OutgoingRow({ message, onRetry, onTakeBack }: OutgoingRowProps): ReactNode {
  if (message.failure === null) return <PersonBlock text={message.text} />;
  return (
    <PersonBlock text={message.text}>
      <div
        role="alert"
        className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line-strong pt-2 text-sm"
      >
        <p className="min-w-48 flex-1">
          <span className="font-medium text-danger">Not sent. </span>
          {message.failure}
        </p>
        <span className="flex gap-2">
          <Button size="sm" variant="ghost" onClick={onTakeBack}>
            Edit
          </Button>
          <Button size="sm" onClick={onRetry}>
            Send again
          </Button>
        </span>
      </div>
    </PersonBlock>
  );
}

const settingsLinks = {
  providers: { to: "/settings/providers", words: "Open providers" },
  models: { to: "/settings/models", words: "Open models" },
} as const;

/** Why the turn ended: what happened, what is safe, what to do. */
export function TurnError({ timeline }: { timeline: Timeline }): ReactNode {
  const { title, detail, advice, settings } = explainError(timeline.lastErrorDetail, timeline.lastError);
  const link = settings === null ? null : settingsLinks[settings];
  return (
    <section role="alert" className="mt-2 mb-4 border-l-2 border-danger pl-4">
      <h2 className="font-semibold text-danger">{title}</h2>
      {detail !== null && <p className="mt-1 text-base break-words whitespace-pre-wrap text-ink">{detail}</p>}
      <p className="mt-1 text-muted">
        {advice}
        {link !== null && (
          <>
            {" "}
            <Link to={link.to} className="text-accent underline underline-offset-3">
              {link.words}
            </Link>
          </>
        )}
      </p>
    </section>
  );
}
