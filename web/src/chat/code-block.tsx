import type { ReactNode } from "react";
import { CopyButton } from "../ui/copy-button.tsx";
import { CodeLine } from "./code-lines.tsx";
import { languageFor } from "./highlight.ts";
import { useColoured } from "./use-coloured.ts";

/** A fenced block of an answer: its language in words, a copy button, and the code. */
export function CodeBlock({
  code,
  language,
  streaming,
}: {
  code: string;
  language: string;
  streaming: boolean;
}): ReactNode {
  const lines = useColoured(code, languageFor(language), streaming);
  return (
    <figure className="overflow-hidden rounded-md border border-line bg-surface">
      <figcaption className="flex h-8 items-center justify-between border-b border-line pr-1 pl-3 text-xs text-faint">
        <span className="font-mono">{language === "" ? "text" : language}</span>
        <CopyButton text={code} label="Copy code" className="size-6" />
      </figcaption>
      <pre
        className="overflow-x-auto px-3 py-2.5 font-mono text-sm leading-5 text-ink focus-visible:outline-offset-[-2px]"
        tabIndex={0}
        aria-label={language === "" ? "Code" : `${language} code`}
      >
        <code>
          {lines.map((pieces, index) => (
            <span key={index} className="block min-h-5">
              <CodeLine pieces={pieces} />
              {index < lines.length - 1 ? "\n" : null}
            </span>
          ))}
        </code>
      </pre>
    </figure>
  );
}
