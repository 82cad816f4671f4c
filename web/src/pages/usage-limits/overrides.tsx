import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { UsageLimitConfig } from "../../../../src/contract/usage.ts";
import { send } from "../../api/client.ts";
import type { Subject } from "../../sharing/share-state.ts";
import { SubjectFace } from "../../sharing/subject-face.tsx";
import { SubjectSearch } from "../../sharing/subject-search.tsx";
import { counted, personName, shownName } from "../../shell/names.ts";
import { useRights } from "../../shell/rights.ts";
import { Button } from "../../ui/button.tsx";
import { Card, Section } from "../../ui/card.tsx";
import { formatMicros } from "../../ui/money.ts";
import { EmptyState } from "../../ui/states.tsx";
import { failed, toast, UNDO_FOR_MS } from "../../ui/toaster.tsx";
import { limitConfigQuery, limitStatusQuery } from "../../usage/limit-queries.ts";
import { periodWords } from "../../usage/limit-words.ts";
import { useLimitCandidates } from "./limit-candidates.ts";
import { OverrideDialog, overridePath } from "./override-dialog.tsx";

interface Override {
  subject: Subject;
  micros: number | null;
}

/** Limits of single people and of groups. */
export function Overrides({ limits }: { limits: UsageLimitConfig }): ReactNode {
  const [words, setWords] = useState("");
  const [open, setOpen] = useState<Override | null>(null);
  const candidates = useLimitCandidates(words, limits);
  const overrides = useOverrides(limits);
  const write = useWriteOverride();
  const { each } = periodWords[limits.period];

  function remove({ subject, micros }: Override): void {
    write({ subject, micros: null });
    toast(`${subject.name} has no limit of their own any more`, {
      duration: UNDO_FOR_MS,
      action: { label: "Undo", onClick: () => write({ subject, micros }) },
    });
  }

  return (
    <Section
      title="People and groups"
      description="A person's own limit comes before those of their groups, and those before the one for everybody. In several groups the lowest counts. It may also be higher than everybody's."
    >
      <div className="max-w-md">
        <SubjectSearch
          words={words}
          onWords={setWords}
          candidates={candidates}
          onPick={(subject) => {
            setWords("");
            setOpen({ subject, micros: null });
          }}
        />
      </div>
      {overrides.length === 0 ? (
        <EmptyState icon={<Gauge size={24} aria-hidden />} title="Nobody has a limit of their own">
          Find a person or a group above to give them one.
        </EmptyState>
      ) : (
        <Card>
          <ul className="divide-y divide-line">
            {overrides.map((override) => (
              <OverrideRow
                key={override.subject.id}
                override={override}
                each={each}
                onChange={() => setOpen(override)}
                onRemove={() => remove(override)}
              />
            ))}
          </ul>
        </Card>
      )}
      {open !== null && (
        <OverrideDialog subject={open.subject} micros={open.micros} each={each} onClose={() => setOpen(null)} />
      )}
    </Section>
  );
}

/** Groups first, as they take more people. */
function useOverrides({ overrides, group_overrides }: UsageLimitConfig): Override[] {
  const { organizations } = useRights();
  return [
    ...group_overrides.map((group): Override => {
      const home = organizations.find(({ id }) => id === group.organization_id);
      const everyone = group.group_id === group.organization_id;
      const name = shownName({ name: group.group_name, display_name: group.group_display_name });
      const members = counted(group.member_count, "member");
      return {
        subject: {
          id: group.group_id,
          type: "group",
          name: everyone ? "Everyone" : name,
          detail: [home !== undefined && organizations.length > 1 && shownName(home), members]
            .filter((part) => part !== false)
            .join(" · "),
          service: false,
        },
        micros: group.spend_limit_micros,
      };
    }),
    ...overrides.map((user): Override => ({
      subject: { id: user.user_id, type: "user", name: personName(user), detail: user.username, service: false },
      micros: user.spend_limit_micros,
    })),
  ];
}

function useWriteOverride(): (override: Override) => void {
  const queryClient = useQueryClient();
  const { queryKey } = limitConfigQuery;
  const { mutate } = useMutation({
    scope: { id: queryKey.join() },
    mutationFn: ({ subject, micros }: Override) =>
      micros === null
        ? send("DELETE", overridePath(subject))
        : send("PUT", overridePath(subject), { spend_limit_micros: micros }),
    async onMutate({ subject, micros }) {
      if (micros !== null) return;
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData(
        queryKey,
        (known) =>
          known && {
            ...known,
            overrides: known.overrides.filter(({ user_id }) => user_id !== subject.id),
            group_overrides: known.group_overrides.filter(({ group_id }) => group_id !== subject.id),
          },
      );
    },
    onError: (error) => failed("change the limit", error),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey }),
        queryClient.invalidateQueries({ queryKey: limitStatusQuery.queryKey }),
      ]),
  });
  return mutate;
}

interface OverrideRowProps {
  override: Override;
  each: string;
  onChange: () => void;
  onRemove: () => void;
}

function OverrideRow({ override: { subject, micros }, each, onChange, onRemove }: OverrideRowProps): ReactNode {
  return (
    <li data-testid="usage-limit" className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <span className="flex min-w-0 flex-1 basis-48 items-center gap-2.5">
        <SubjectFace subject={subject} />
      </span>
      <span className="tabular shrink-0 whitespace-nowrap">
        {formatMicros(micros)} <span className="text-muted">{each}</span>
      </span>
      <span className="flex shrink-0 gap-1">
        <Button size="sm" onClick={onChange} aria-label={`Change the limit of ${subject.name}`}>
          Change
        </Button>
        <Button size="sm" variant="ghost" onClick={onRemove} aria-label={`Remove the limit of ${subject.name}`}>
          Remove
        </Button>
      </span>
    </li>
  );
}
