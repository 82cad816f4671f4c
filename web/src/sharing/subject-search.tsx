import type { KeyboardEvent, ReactNode } from "react";
import { useId, useState } from "react";
import { cx } from "../ui/cx.ts";
import { Input } from "../ui/field.tsx";
import type { Candidates } from "./candidates.ts";
import type { Subject } from "./share-state.ts";
import { SubjectFace } from "./subject-face.tsx";

const LABEL = "Add people or groups";

interface SubjectSearchProps {
  words: string;
  onWords: (words: string) => void;
  candidates: Candidates;
  onPick: (subject: Subject) => void;
}

/** A field with who fits below it: arrow keys choose, Enter adds, and the field is there for the next one. */
export function SubjectSearch({ words, onWords, candidates, onPick }: SubjectSearchProps): ReactNode {
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const { subjects } = candidates;
  const at = Math.min(chosen, subjects.length - 1);
  const active = open ? subjects[at] : undefined;

  function pick(subject: Subject): void {
    onPick(subject);
    setChosen(0);
    setOpen(false);
  }
  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && subjects.length > 0) {
      event.preventDefault();
      setOpen(true);
      setChosen(open ? (at + step + subjects.length) % subjects.length : 0);
    } else if (event.key === "Enter" && active !== undefined) {
      event.preventDefault();
      pick(active);
    }
  }

  return (
    <div className="relative min-w-0 flex-1" onBlur={() => setOpen(false)}>
      <Input
        role="combobox"
        aria-label={LABEL}
        aria-expanded={open}
        aria-controls={open ? `${id}-list` : undefined}
        aria-activedescendant={active === undefined ? undefined : `${id}-${active.id}`}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        placeholder={LABEL}
        value={words}
        onChange={(event) => {
          onWords(event.target.value);
          setChosen(0);
          setOpen(true);
        }}
        onClick={() => setOpen(true)}
        onKeyDown={onKeyDown}
      />
      {open && (
        <div
          id={`${id}-list`}
          role="listbox"
          aria-label={LABEL}
          // A press on it must not take the focus from the field, which would close it.
          onMouseDown={(event) => event.preventDefault()}
          className="absolute inset-x-0 top-full z-10 mt-1 max-h-60 overflow-y-auto rounded-lg border border-line-strong bg-overlay p-1"
        >
          {subjects.length === 0 && (
            <div role="option" aria-selected={false} aria-disabled className="px-2 py-2 text-sm text-muted">
              {emptyWords(candidates)}
            </div>
          )}
          {subjects.map((subject, index) => (
            <div
              key={subject.id}
              id={`${id}-${subject.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              ref={(element) => {
                if (index === at) element?.scrollIntoView({ block: "nearest" });
              }}
              onPointerMove={() => setChosen(index)}
              onClick={() => pick(subject)}
              className={cx(
                "flex min-h-8 cursor-default items-center gap-2.5 rounded-md px-2 py-1.5 select-none",
                index === at && "bg-raised",
              )}
            >
              <SubjectFace subject={subject} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function emptyWords({ failed, searching }: Candidates): string {
  if (failed) return "The members could not be searched. Type on to try again.";
  return searching ? "Searching…" : "Nobody else fits.";
}
