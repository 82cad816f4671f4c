import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { RetryState } from "../../../src/contract/stream.ts";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { Button } from "../ui/button.tsx";
import { counted } from "../shell/names.ts";
import { MessageFiles } from "./attachments/message-files.tsx";
import type { OutgoingMessage } from "./outgoing.ts";
import { PersonBlock } from "./person-message.tsx";
import { explainError, retryWords } from "./status-words.ts";
import { useSeconds } from "./use-seconds.ts";

interface OutgoingRowProps {
  message: OutgoingMessage;
  onRetry: () => void;
  onTakeBack: () => void;
}

/** A message that this page has sent and the stream has not brought yet. */
export function OutgoingRow({ message, onRetry, onTakeBack }: OutgoingRowProps): ReactNode {
  const files = (
    <>
      <MessageFiles files={message.files} />
      {message.comments.length > 0 && (
        <p className="mt-1 text-sm text-muted first:mt-0">
          {counted(message.comments.length, "comment on lines", "comments on lines")}
        </p>
      )}
    </>
  );
  if (message.failure === null) return <PersonBlock text={message.text}>{files}</PersonBlock>;
  return (
    <PersonBlock text={message.text}>
      {files}
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

/** A model call that did not work is tried again: why, when, and that nobody has to do anything. */
export function RetryNotice({ retry }: { retry: RetryState }): ReactNode {
  const now = useSeconds(true);
  const { reason, when } = retryWords(retry, now);
  return (
    <section data-testid="retry-notice" className="mt-2 mb-4 border-l-2 border-warning pl-4">
      <h2 className="font-semibold text-warning">{reason}</h2>
      <p className="tabular mt-1 text-muted">
        {when} Nothing is lost, and you can stop it or pick another model meanwhile.
      </p>
    </section>
  );
}
