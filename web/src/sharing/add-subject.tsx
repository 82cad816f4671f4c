import { Command } from "cmdk";
import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { Field, Input } from "../ui/field.tsx";
import { Select } from "../ui/select.tsx";
import { errorText } from "../ui/states.tsx";
import { useCandidates } from "./candidates.ts";
import type { ShareState, Subject } from "./share-state.ts";
import type { ShareTarget } from "./share-target.ts";
import type { Shares } from "./use-shares.ts";

interface AddSubjectProps {
  target: ShareTarget;
  state: ShareState;
  shares: Shares;
}

/** Finds people and groups and lets them in; whoever may not list members types a user name. */
export function AddSubject({ target, state, shares }: AddSubjectProps): ReactNode {
  const [role, setRole] = useState(target.roles[0]?.value ?? "");
  const [words, setWords] = useState("");
  const candidates = useCandidates(target.organizationId, words, state);
  const roleSelect = (
    <div className="w-36 shrink-0">
      <Select aria-label="Role of whoever you add" value={role} onValueChange={setRole} options={target.roles} />
    </div>
  );
  if (candidates.listed) {
    return (
      <div className="flex items-start gap-2">
        <SubjectSearch
          words={words}
          onWords={setWords}
          candidates={candidates}
          onPick={(subject) => {
            setWords("");
            shares.give(subject, role);
          }}
        />
        {roleSelect}
      </div>
    );
  }
  if (!target.byName) {
    return <p className="text-muted">You can't see who is in this organisation, so there is nobody to choose from.</p>;
  }
  return <NameForm role={role} roleSelect={roleSelect} shares={shares} />;
}

interface SubjectSearchProps {
  words: string;
  onWords: (words: string) => void;
  candidates: ReturnType<typeof useCandidates>;
  onPick: (subject: Subject) => void;
}

function SubjectSearch({ words, onWords, candidates, onPick }: SubjectSearchProps): ReactNode {
  const [focused, setFocused] = useState(false);
  const open = focused && (words !== "" || candidates.subjects.length > 0);
  return (
    <Command
      label="People and groups"
      shouldFilter={false}
      className="relative min-w-0 flex-1"
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <Command.Input
        value={words}
        onValueChange={onWords}
        maxLength={100}
        placeholder="Add people or groups"
        aria-label="Add people or groups"
        className="h-9 w-full rounded-md border border-edge bg-overlay px-3 text-base text-ink hover:border-faint focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 max-md:text-[1rem]"
      />
      <Command.List
        // A press on it must not take the focus from the field, which would close it.
        onMouseDown={(event) => event.preventDefault()}
        className={cx(
          "absolute inset-x-0 top-full z-10 mt-1 max-h-60 overflow-y-auto rounded-lg border border-line-strong bg-overlay p-1",
          !open && "hidden",
        )}
      >
        {open && candidates.subjects.length === 0 && (
          <div className="px-2 py-2 text-sm text-muted">
            {candidates.failed
              ? "The members could not be searched. Type on to try again."
              : candidates.searching
                ? "Searching…"
                : "Nobody else fits."}
          </div>
        )}
        {candidates.subjects.map((subject) => (
          <Command.Item
            key={subject.id}
            value={subject.id}
            onSelect={() => onPick(subject)}
            className="flex min-h-8 cursor-default items-center gap-2.5 rounded-md px-2 py-1.5 select-none data-[selected=true]:bg-raised"
          >
            <SubjectFace subject={subject} />
          </Command.Item>
        ))}
      </Command.List>
    </Command>
  );
}

/** A subject in a row: face, name, and what tells it from others. */
export function SubjectFace({ subject }: { subject: Subject }): ReactNode {
  const kind = subject.type === "group" ? "group" : subject.service ? "service" : "person";
  return (
    <>
      <Avatar name={subject.name} kind={kind} />
      <span className="flex min-w-0 flex-1 flex-col">
        <bdi className="truncate font-medium" title={subject.name}>
          {subject.name}
        </bdi>
        <bdi className="truncate text-sm text-muted">{subject.detail}</bdi>
      </span>
    </>
  );
}

interface NameFormProps {
  role: string;
  roleSelect: ReactNode;
  shares: Shares;
}

function NameForm({ role, roleSelect, shares }: NameFormProps): ReactNode {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (name.trim() === "" || busy) return;
    setBusy(true);
    setFailure(null);
    try {
      await shares.giveByName(name.trim(), role);
      setName("");
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void add(event)} className="flex items-start gap-2 max-sm:flex-wrap">
      <Field
        label="User name"
        hint="You can't list the members here; whoever you know by their user name you can let in."
        error={failure === null ? undefined : errorText(failure)}
        className="flex-1"
      >
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <div className="flex gap-2 sm:mt-[1.625rem]">
        {roleSelect}
        <Button type="submit" busy={busy} className="h-9">
          Share
        </Button>
      </div>
    </form>
  );
}
