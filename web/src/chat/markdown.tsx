import type { ComponentProps, ReactNode } from "react";
import { Children, isValidElement, memo, useDeferredValue, useState } from "react";
import { defaultRehypePlugins, Streamdown, useIsCodeFenceIncomplete, type Components } from "streamdown";
import { CodeBlock } from "./code-block.tsx";
import { isHeavy, withoutDirectionMarks } from "./heavy-text.ts";
import { safeHref } from "./safe-href.ts";

/**
 * An answer's markdown while it streams and after. Raw HTML is shown as the text it is (its plugin
 * is left out), what remains is sanitised, and nothing remote is ever loaded: an image becomes a link.
 */

const rehypePlugins = [defaultRehypePlugins["sanitize"]].filter((plugin) => plugin !== undefined);

function OutsideLink({ href, children }: { href?: string | undefined; children?: ReactNode }): ReactNode {
  const safe = safeHref(href);
  if (safe === null) return <span>{children}</span>;
  return (
    <a
      href={safe}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-accent underline decoration-from-font underline-offset-3 hover:text-accent-strong"
    >
      {children}
    </a>
  );
}

function ImageAsLink({ src, alt }: ComponentProps<"img">): ReactNode {
  return (
    <OutsideLink href={typeof src === "string" ? src : undefined}>
      {alt === undefined || alt === "" ? "Image" : alt}
    </OutsideLink>
  );
}

function FencedCode({ className, children }: ComponentProps<"code">): ReactNode {
  const streaming = useIsCodeFenceIncomplete();
  const language = /language-(\S+)/.exec(className ?? "")?.[1] ?? "";
  return <CodeBlock code={plainText(children).replace(/\n$/, "")} language={language} streaming={streaming} />;
}

function plainText(node: ReactNode): string {
  return Children.toArray(node)
    .map((child) => {
      if (typeof child === "string" || typeof child === "number") return String(child);
      return isValidElement<{ children?: ReactNode }>(child) ? plainText(child.props.children) : "";
    })
    .join("");
}

const components: Components = {
  a: ({ href, children }) => <OutsideLink href={href}>{children}</OutsideLink>,
  img: ({ src, alt }) => <ImageAsLink src={src} alt={alt} />,
  code: ({ className, children }) => <FencedCode className={className}>{children}</FencedCode>,
  inlineCode: ({ children }) => (
    <code className="rounded-sm bg-raised px-1 py-0.5 box-decoration-clone font-mono text-[0.86em] break-words">
      {children}
    </code>
  ),
  p: ({ children }) => <p>{children}</p>,
  // Levels follow the page, whose own title is the one h1, not the answer's idea of its place.
  h1: ({ children }) => <h2 className="text-lg font-semibold">{children}</h2>,
  h2: ({ children }) => <h2 className="text-lg font-semibold">{children}</h2>,
  h3: ({ children }) => <h2 className="font-semibold">{children}</h2>,
  h4: ({ children }) => <h3 className="font-semibold">{children}</h3>,
  h5: ({ children }) => <h3 className="font-semibold">{children}</h3>,
  h6: ({ children }) => <h3 className="font-semibold">{children}</h3>,
  ul: ({ children }) => <ul className="list-disc pl-5 marker:text-faint">{children}</ul>,
  ol: ({ children, start }) => (
    <ol start={start} className="list-decimal pl-6 marker:text-faint marker:tabular-nums">
      {children}
    </ol>
  ),
  li: ({ children }) => <li className="my-1 pl-0.5 [&>p]:my-0">{children}</li>,
  blockquote: ({ children }) => (
    <blockquote className="border-l-2 border-line-strong pl-4 text-muted">{children}</blockquote>
  ),
  hr: () => <hr className="border-line" />,
  strong: ({ children }) => <strong className="font-semibold">{children}</strong>,
  table: ({ children }) => (
    <div className="overflow-x-auto rounded-md border border-line" tabIndex={0} role="group" aria-label="Table">
      <table className="w-full border-collapse text-base">{children}</table>
    </div>
  ),
  thead: ({ children }) => <thead className="bg-surface">{children}</thead>,
  tbody: ({ children }) => <tbody>{children}</tbody>,
  tr: ({ children }) => <tr className="border-t border-line first:border-t-0">{children}</tr>,
  // A corner without words is no header of anything.
  th: ({ children, style }) =>
    Children.count(children) === 0 ? (
      <td className="px-3 py-1.5" />
    ) : (
      <th style={style} className="px-3 py-1.5 text-left font-medium">
        {children}
      </th>
    ),
  td: ({ children, style }) => (
    <td style={style} className="px-3 py-1.5 align-top">
      {children}
    </td>
  ),
  section: ({ children }) => <section>{children}</section>,
  sup: ({ children }) => <sup>{children}</sup>,
  sub: ({ children }) => <sub>{children}</sub>,
};

const PLAIN_SHOWN_LENGTH = 50_000;

/** Text that is too heavy for markdown, as it was written; the rest of a very long one on demand. */
function PlainText({ text }: { text: string }): ReactNode {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > PLAIN_SHOWN_LENGTH;
  return (
    <div>
      <p className="whitespace-pre-wrap wrap-anywhere">{cut ? text.slice(0, PLAIN_SHOWN_LENGTH) : text}</p>
      {cut && (
        <button
          type="button"
          className="mt-2 text-accent underline underline-offset-3"
          onClick={() => {
            setWhole(true);
          }}
        >
          Show the rest ({(text.length - PLAIN_SHOWN_LENGTH).toLocaleString()} characters)
        </button>
      )}
    </div>
  );
}

const noLinkDialog = { enabled: false };

export const Markdown = memo(function Markdown({ text, streaming }: { text: string; streaming: boolean }): ReactNode {
  // A long answer takes longer to lay out than a frame lasts; keys and scrolling go first.
  const shown = withoutDirectionMarks(useDeferredValue(text));
  return isHeavy(shown) ? (
    <PlainText text={shown} />
  ) : (
    <Streamdown
      // Always, so that the end of the stream changes nothing that is already on the page.
      mode="streaming"
      parseIncompleteMarkdown={streaming}
      rehypePlugins={rehypePlugins}
      components={components}
      linkSafety={noLinkDialog}
      controls={false}
      lineNumbers={false}
      dir="auto"
      className="prose-rhythm max-w-none space-y-0 break-words"
    >
      {shown}
    </Streamdown>
  );
});
