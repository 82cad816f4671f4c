import type { ReactNode } from "react";
import { useLayoutEffect, useMemo, useRef } from "react";
import { CopyButton } from "../../ui/copy-button.tsx";
import { cx } from "../../ui/cx.ts";
import { terminalText } from "../terminal-text.ts";
import { count, duration } from "../words.ts";
import { Panel } from "./panel.tsx";

interface TerminalViewProps {
  command: string | null;
  workdir: string | null;
  output: string;
  /** Only the tail of the live output is known. */
  cutAtStart: boolean;
  omittedBytes: number;
  running: boolean;
  exitCode: number | null;
  milliseconds: number | null;
  note: string | null;
  error: string | null;
}

/** A command with its output as it comes; at its end, how it ended. */
export function TerminalView(props: TerminalViewProps): ReactNode {
  const { command, running, exitCode } = props;
  const output = useMemo(() => terminalText(props.output).replace(/\n+$/, ""), [props.output]);
  const scroller = useRef<HTMLDivElement>(null);
  const followed = useRef(true);

  // Live output stays at its newest line, unless the reader scrolled up in it.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box !== null && running && followed.current) box.scrollTop = box.scrollHeight;
  }, [output, running]);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const look = () => {
      followed.current = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
    };
    box.addEventListener("scroll", look, { passive: true });
    return () => box.removeEventListener("scroll", look);
  }, []);

  const ended = exitCode !== null;
  return (
    <Panel
      label={command === null ? "Output" : `Output of ${command}`}
      ref={scroller}
      className="group/terminal relative"
      head={
        command !== null && (
          <div className="flex items-start gap-2 border-b border-line py-1 pr-1 pl-3">
            <pre className="max-h-40 min-w-0 flex-1 overflow-auto py-0.5 font-mono text-sm leading-5 whitespace-pre-wrap break-words text-ink">
              <span aria-hidden className="text-faint select-none">
                ${" "}
              </span>
              {command}
            </pre>
            <CopyButton text={command} label="Copy command" className="size-6 text-faint" />
          </div>
        )
      }
    >
      {props.cutAtStart && <p className="px-3 pt-2 text-xs text-faint">Earlier output is not shown while it runs.</p>}
      {output !== "" && (
        <pre className="px-3 py-2 font-mono text-sm leading-5 whitespace-pre-wrap break-words text-ink">{output}</pre>
      )}
      {output === "" && running && <p className="px-3 py-2 font-mono text-sm text-faint">Waiting for output…</p>}
      {props.omittedBytes > 0 && (
        <p className="px-3 pb-2 text-xs text-faint">
          {count(props.omittedBytes)} bytes in the middle were left out; the whole output stays in the workspace.
        </p>
      )}
      {props.error !== null && <p className="px-3 py-2 text-sm whitespace-pre-wrap text-danger">{props.error}</p>}
      {props.note !== null && <p className="px-3 py-1.5 text-sm text-muted">{props.note}</p>}
      {ended && (
        <p
          className={cx(
            "tabular border-t border-line px-3 py-1 text-xs first:border-t-0",
            exitCode === 0 ? "text-faint" : "text-danger",
          )}
        >
          Exit code {exitCode}
          {props.milliseconds !== null && ` · ${duration(props.milliseconds)}`}
          {props.workdir !== null && ` · in ${props.workdir}`}
          {output === "" && " · no output"}
        </p>
      )}
    </Panel>
  );
}
