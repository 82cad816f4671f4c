import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { MinimalUser } from "../../../../src/contract/identity.ts";
import { group as groupSchema, type Group } from "../../../../src/contract/organizations.ts";
import { patch } from "../../api/client.ts";
import { groupQuery, GROUPS_KEY, membersQuery } from "../../api/organization-queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { useDebounced } from "../../ui/debounced.ts";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { failed } from "../../ui/toaster.tsx";
import { counted, personName, shownName } from "../../shell/names.ts";
import { PersonList, PersonRow } from "./person-row.tsx";

interface GroupMembersDialogProps {
  group: Group;
  manages: boolean;
  onClose: () => void;
}

type Somebody = Pick<MinimalUser, "id" | "username" | "name">;
type Change = (person: Somebody) => Promise<void>;

/** Puts people into a group and takes them out, at once; the other way round undoes it. */
function useGroupChanges(group: Group): { add: Change; remove: Change } {
  const queryClient = useQueryClient();

  async function change(person: Somebody, kind: "add_users" | "remove_users"): Promise<void> {
    try {
      const changed = await patch(`/groups/${group.id}`, { [kind]: [person.id] }, groupSchema);
      queryClient.setQueryData(groupQuery(group.id).queryKey, changed);
      void queryClient.invalidateQueries({ queryKey: GROUPS_KEY });
    } catch (error) {
      failed(`${kind === "add_users" ? "add" : "remove"} ${personName(person)}`, error);
    }
  }
  return {
    add: (person) => change(person, "add_users"),
    remove: (person) => change(person, "remove_users"),
  };
}

export function GroupMembersDialog({ group: listed, manages, onClose }: GroupMembersDialogProps): ReactNode {
  const found = useQuery(groupQuery(listed.id));
  const [typed, setTyped] = useState("");
  const group = found.data;

  function content(): ReactNode {
    if (found.isPending) return <Skeleton className="h-40 rounded-lg" />;
    if (group === undefined) {
      return <ErrorState error={found.error} doing="load the members" onRetry={() => void found.refetch()} />;
    }
    return typed.trim() === "" ? (
      <Present group={group} manages={manages} />
    ) : (
      <Candidates group={group} words={typed.trim()} />
    );
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Members of the group"
      description={
        <>
          <bdi className="font-medium text-ink">{shownName(listed)}</bdi> has{" "}
          {counted(group?.member_count ?? listed.member_count, "member")}.
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {manages && (
          <SearchField
            label="Search members of the organisation"
            placeholder="Add somebody by name or user name"
            autoFocus
            value={typed}
            onChange={setTyped}
          />
        )}
        {content()}
        <DialogActions>
          <Button onClick={onClose}>Done</Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}

/** Who is in it, as far as it is told: the first hundred. Whoever is taken out stays in sight to be put back. */
function Present({ group, manages }: { group: Group; manages: boolean }): ReactNode {
  const { add, remove } = useGroupChanges(group);
  const [taken, setTaken] = useState<MinimalUser[]>([]);
  const present = new Set(group.members.map(({ id }) => id));
  const people = [...group.members, ...taken.filter(({ id }) => !present.has(id))].toSorted((a, b) =>
    a.username.localeCompare(b.username),
  );

  function take(person: MinimalUser): void {
    setTaken((before) => [...before.filter(({ id }) => id !== person.id), person]);
    void remove(person);
  }
  if (people.length === 0) {
    return (
      <p className="rounded-lg border border-dashed border-line-strong px-4 py-5 text-muted">
        Nobody is in it yet.{manages && " Search above for whom to add."}
      </p>
    );
  }
  return (
    <>
      <PersonList label="In the group">
        {people.map((person) => (
          <PersonRow key={person.id} person={person}>
            {!present.has(person.id) ? (
              <>
                <span className="text-sm text-muted">Removed</span>
                <Button size="sm" aria-label={`Put back ${personName(person)}`} onClick={() => void add(person)}>
                  Undo
                </Button>
              </>
            ) : (
              manages && (
                <IconButton label={`Remove ${personName(person)}`} side="left" onClick={() => take(person)}>
                  <X size={16} aria-hidden />
                </IconButton>
              )
            )}
          </PersonRow>
        ))}
      </PersonList>
      {group.members.length < group.member_count && (
        <p className="text-sm text-muted">These are the first {group.members.length}. Search to find the others.</p>
      )}
    </>
  );
}

/** Members of the organisation who match, to be put in or taken out. */
function Candidates({ group, words }: { group: Group; words: string }): ReactNode {
  const found = useInfiniteQuery({
    ...membersQuery(group.organization_id, useDebounced(words)),
    placeholderData: (before) => before,
  });
  const { add, remove } = useGroupChanges(group);
  if (found.isPending) return <Skeleton className="h-40 rounded-lg" />;
  if (found.data === undefined) {
    return <ErrorState error={found.error} doing="look for members" onRetry={() => void found.refetch()} />;
  }
  const people = found.data.pages.flatMap((page) => page.members.map((member) => ({ ...member, id: member.user_id })));
  if (people.length === 0) {
    return <p className="text-muted">Nobody in the organisation matches. Add them to it first, under Members.</p>;
  }
  const present = new Set(group.members.map(({ id }) => id));
  const allKnown = group.members.length === group.member_count;
  return (
    <PersonList label="Members found">
      {people.map((person) => {
        const name = personName(person);
        const isIn = present.has(person.id);
        return (
          <PersonRow key={person.id} person={person}>
            {isIn && <Badge tone="accent">In the group</Badge>}
            {!isIn && (
              <Button size="sm" aria-label={`Add ${name}`} onClick={() => void add(person)}>
                Add
              </Button>
            )}
            {(isIn || !allKnown) && (
              <IconButton label={`Remove ${name}`} side="left" onClick={() => void remove(person)}>
                <X size={16} aria-hidden />
              </IconButton>
            )}
          </PersonRow>
        );
      })}
      {found.hasNextPage && (
        <li className="p-2">
          <Button size="sm" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Show more
          </Button>
        </li>
      )}
    </PersonList>
  );
}
