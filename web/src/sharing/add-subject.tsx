import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { Field, Input } from "../ui/field.tsx";
import { Select } from "../ui/select.tsx";
import { errorText } from "../ui/states.tsx";
import { useCandidates } from "./candidates.ts";
import type { ShareState } from "./share-state.ts";
import type { ShareTarget } from "./share-target.ts";
import { SubjectSearch } from "./subject-search.tsx";
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
    <div className="w-36 shrink-0 max-sm:w-full">
      <Select aria-label="Role of whoever you add" value={role} onValueChange={setRole} options={target.roles} />
    </div>
  );
  if (candidates.listed) {
    return (
      <div className="flex items-start gap-2 max-sm:flex-col max-sm:items-stretch">
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
    <form onSubmit={(event) => void add(event)} className="flex items-start gap-2 max-sm:flex-col max-sm:items-stretch">
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
