import { MessageSquareText, X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "../ui/button.tsx";
import { placeOf, type LineComment } from "./line-comments.ts";
import type { LineComments } from "./use-line-comments.ts";

interface CommentStackProps {
  comments: LineComments;
  onJump: (comment: LineComment) => void;
}

/** What the next message will say of lines of a diff, above its text. */
export function CommentStack({ comments, onJump }: CommentStackProps): ReactNode {
  const { list } = comments;
  if (list.length === 0) return null;
  return (
    <section aria-label="Comments that go out with the next message" className="pt-1 pb-2">
      <ul className="flex max-h-32 flex-col gap-1 overflow-y-auto">
        {list.map((comment) => (
          <li
            key={comment.id}
            data-testid="line-comment"
            className="flex items-center gap-2 rounded-md border border-line-strong bg-page py-0.5 pr-0.5 pl-2.5 text-sm"
          >
            <MessageSquareText size={14} aria-hidden className="shrink-0 text-accent" />
            <button
              type="button"
              onClick={() => onJump(comment)}
              className="flex min-h-6 min-w-0 flex-1 items-baseline gap-2 text-left hover:text-accent"
            >
              <bdi className="max-w-1/2 shrink-0 truncate font-mono text-xs text-muted" title={placeOf(comment)}>
                {placeOf({ ...comment, path: comment.path.slice(comment.path.lastIndexOf("/") + 1) })}
              </bdi>
              <span dir="auto" className="min-w-0 truncate">
                {comment.text}
              </span>
            </button>
            <IconButton
              label={`Remove the comment on ${placeOf(comment)}`}
              side="top"
              onClick={() => comments.remove(comment.id)}
            >
              <X size={14} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
