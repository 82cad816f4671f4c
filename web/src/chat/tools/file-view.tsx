import type { ReactNode } from "react";
import { useMemo } from "react";
import { CodeLine } from "../code-lines.tsx";
import { languageOfPath } from "../highlight.ts";
import { useColoured } from "../use-coloured.ts";
import { Panel } from "./panel.tsx";

interface FileViewProps {
  path: string;
  /** Each line as `<number>\t<text>`. */
  numbered: string;
  totalLines: number;
  linesRead: number;
}

export function FileView({ path, numbered, totalLines, linesRead }: FileViewProps): ReactNode {
  const lines = useMemo(() => readNumbered(numbered), [numbered]);
  const coloured = useColoured(lines.map((line) => line.text).join("\n"), languageOfPath(path));
  return (
    <Panel label={`Content of ${path}`}>
      <table className="w-full border-collapse font-mono text-sm leading-5">
        <tbody>
          {lines.map((line, index) => (
            <tr key={index}>
              <td className="tabular w-px pr-3 pl-3 text-right align-top text-faint select-none">{line.number}</td>
              <td className="pr-3 align-top wrap-anywhere whitespace-pre-wrap text-ink">
                <CodeLine pieces={coloured[index] ?? []} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {linesRead < totalLines && (
        <p className="border-t border-line px-3 py-1 text-xs text-faint">
          {linesRead} of {totalLines} lines were read.
        </p>
      )}
    </Panel>
  );
}

function readNumbered(content: string): { number: string; text: string }[] {
  return content
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => {
      const tab = line.indexOf("\t");
      // Notes of the tool stand between the lines and have no number.
      if (tab < 0 || !/^\s*\d+$/.test(line.slice(0, tab))) return { number: "", text: line };
      return { number: line.slice(0, tab).trim(), text: line.slice(tab + 1) };
    });
}
