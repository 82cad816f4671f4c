import { PenLine } from "lucide-react";
import type { ReactNode } from "react";
import { useMemo, useState } from "react";
import type { ChatMessage } from "../../../src/contract/chats.ts";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { cx } from "../ui/cx.ts";
import { exactMoment } from "../ui/moments.ts";
import { MessageFiles } from "./attachments/message-files.tsx";
import { filesOf, referencesOf, textOf, type Reference } from "./content.ts";
import { useMessageActs } from "./message-acts.ts";
import { type Author, useAuthor } from "./people.ts";
import { count } from "./words.ts";

/** What a person said, with its files and references. */
export function PersonMessage({ message }: { message: ChatMessage }): ReactNode {
  const acts = useMessageActs();
  const author = useAuthor(message.created_by);
  return (
    <PersonBlock
      testId={`message-${message.id}`}
      text={textOf(message.content)}
      author={author}
      moment={message.created_at}
      editing={acts.editing === message.id}
      onEdit={acts.mayEdit(message) ? () => acts.edit(message) : null}
    >
      <MessageFiles
        files={filesOf(message.content).map((part) => ({
          fileId: part.file_id,
          mediaType: part.media_type,
          name: part.file_name,
        }))}
      />
      {referencesOf(message.content).map((reference, index) => (
        <ReferencedLines key={index} {...reference} />
      ))}
    </PersonBlock>
  );
}

/** Lines of a file, and what is said of them. */
function ReferencedLines({ part, remark }: Reference): ReactNode {
  const until = part.end_line === undefined || part.end_line === part.start_line ? "" : `–${part.end_line}`;
  return (
    <figure className="mt-2 overflow-hidden rounded-md border border-line bg-page first:mt-0">
      <figcaption className="truncate px-3 py-1 font-mono text-sm text-muted" title={part.file_name}>
        <bdi>{part.file_name}</bdi>
        {part.start_line !== undefined && `:${part.start_line}${until}`}
      </figcaption>
      {part.content !== undefined && part.content !== "" && (
        <pre className="max-h-60 overflow-auto border-t border-line px-3 py-2 font-mono text-sm leading-5">
          {part.content}
        </pre>
      )}
      {remark !== null && (
        <p dir="auto" className="border-t border-line bg-raised px-3 py-2 wrap-anywhere whitespace-pre-wrap">
          {remark}
        </p>
      )}
    </figure>
  );
}

/** A paste this long is folded: the conversation is what one came to read. */
const FOLD_FROM_CHARACTERS = 2_400;
const FOLD_FROM_LINES = 30;

function PersonText({ text }: { text: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const beginning = useMemo(() => text.split("\n", FOLD_FROM_LINES).join("\n").slice(0, FOLD_FROM_CHARACTERS), [text]);
  const folds = beginning.length < text.length;
  return (
    <>
      <p dir="auto" className="wrap-anywhere whitespace-pre-wrap">
        {open ? text : beginning}
        {folds && !open && "…"}
      </p>
      {folds && (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="mt-1 -mb-1 min-h-6 text-sm text-accent hover:text-accent-strong"
        >
          {open ? "Show less" : `Show all ${count(text.length)} characters`}
        </button>
      )}
    </>
  );
}

interface PersonBlockProps {
  testId?: string;
  text: string;
  /** Absent: the reader. */
  author?: Author;
  moment?: string;
  /** It is open in the composer. */
  editing?: boolean;
  onEdit?: (() => void) | null;
  /** Under the text: files, references, or what went wrong on its way. */
  children?: ReactNode;
}

export function PersonBlock({
  testId,
  text,
  author = { me: true },
  moment,
  editing = false,
  onEdit = null,
  children,
}: PersonBlockProps): ReactNode {
  return (
    <article
      data-testid={testId}
      aria-label={author.me ? "You" : author.name}
      title={moment === undefined ? undefined : exactMoment(Date.parse(moment))}
      className={cx(
        "group/row relative mt-6 mb-5 rounded-lg bg-raised px-4 py-2.5 text-md",
        editing && "outline-2 outline-accent",
      )}
    >
      {!author.me && (
        <p data-testid="author" className="-mt-0.5 mb-1 flex items-center gap-2 pr-16 text-sm font-medium text-muted">
          <Avatar name={author.name} kind={author.service ? "service" : "person"} size="sm" />
          <bdi className="truncate">{author.name}</bdi>
        </p>
      )}
      {text !== "" && <PersonText text={text} />}
      {children}
      {(text !== "" || onEdit !== null) && (
        <span className="absolute top-1.5 right-1.5 flex rounded-md bg-raised opacity-0 transition-opacity duration-100 group-focus-within/row:opacity-100 group-hover/row:opacity-100 pointer-coarse:static pointer-coarse:-mr-2 pointer-coarse:-mb-1 pointer-coarse:justify-end pointer-coarse:opacity-100">
          {onEdit !== null && (
            <IconButton label="Edit message" side="top" aria-pressed={editing} onClick={onEdit}>
              <PenLine size={14} aria-hidden />
            </IconButton>
          )}
          {text !== "" && <CopyButton text={text} label="Copy message" />}
        </span>
      )}
    </article>
  );
}
