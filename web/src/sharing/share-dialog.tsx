import { Lock, X } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { useMe } from "../shell/me.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Select } from "../ui/select.tsx";
import { ErrorState, Skeleton } from "../ui/states.tsx";
import { AddSubject } from "./add-subject.tsx";
import { withRemoved, type RemovedEntry, type ShareEntry, type ShareState } from "./share-state.ts";
import type { ShareTarget } from "./share-target.ts";
import { SubjectFace } from "./subject-face.tsx";
import { useShares, type Shares } from "./use-shares.ts";

/** With whom a chat or a workspace is shared, and in what role; changes count at once. */
export function ShareDialog({ target, onClose }: { target: ShareTarget; onClose: () => void }): ReactNode {
  const shares = useShares(target);
  const { data: state, error, refetch } = shares.query;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={target.title} description={target.description} wide>
      {state !== undefined ? (
        <SharePanel target={target} state={state} shares={shares} />
      ) : error !== null ? (
        <ErrorState error={error} doing="load with whom it is shared" onRetry={() => void refetch()} />
      ) : (
        <div role="status" aria-busy aria-label="Loading with whom it is shared" className="flex flex-col gap-3">
          <Skeleton className="h-9" />
          <Skeleton className="h-11" />
          <Skeleton className="h-11 w-4/5" />
        </div>
      )}
      <DialogActions>
        {target.link !== null && (
          <CopyButton text={target.link} label="Copy link" worded className="mr-auto self-center" />
        )}
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface SharePanelProps {
  target: ShareTarget;
  state: ShareState;
  shares: Shares;
}

function SharePanel({ target, state, shares }: SharePanelProps): ReactNode {
  const me = useMe();
  const [removed, setRemoved] = useState<readonly RemovedEntry[]>([]);
  const rows = withRemoved(state.entries, removed);
  return (
    // As high as the list of candidates needs, so that the dialog does not grow under the pointer.
    <div className="flex min-h-72 flex-col gap-4">
      {state.mayShare ? (
        <AddSubject target={target} state={state} shares={shares} />
      ) : (
        <p className="flex items-start gap-3 rounded-lg bg-surface px-4 py-3">
          <Lock size={16} aria-hidden className="mt-[3px] shrink-0 text-faint" />
          {state.whyNot ?? target.closed}
        </p>
      )}
      {(state.mayShare || rows.length > 0) && (
        <ul aria-label="Who has access" className="-mx-2 flex flex-col">
          <li className="flex min-h-12 items-center gap-2.5 px-2 py-1">
            <Avatar name={state.owner.name} />
            <bdi className="min-w-0 flex-1 truncate font-medium">{state.owner.name}</bdi>
            <span className="shrink-0 pr-3 text-muted">Owner</span>
          </li>
          {rows.map((row, index) =>
            row.removed ? (
              <RemovedRow key={row.entry.id} entry={row.entry} onUndo={() => shares.give(row.entry, row.entry.role)} />
            ) : (
              <EntryRow
                key={row.entry.id}
                entry={row.entry}
                target={target}
                // Whoever was let in as an admin can't change that for themselves.
                mayChange={state.mayShare && row.entry.id !== me.id}
                onRole={(role) => shares.give(row.entry, role)}
                onRemove={() => {
                  setRemoved([
                    ...removed.filter(({ entry }) => entry.id !== row.entry.id),
                    { entry: row.entry, index },
                  ]);
                  shares.give(row.entry, "");
                }}
              />
            ),
          )}
        </ul>
      )}
      {state.mayShare && (
        <dl className="mt-auto border-t border-line pt-3 text-sm text-muted">
          {target.roles.map((role) => (
            <div key={role.value} className="flex gap-1.5">
              <dt className="font-medium text-ink">{role.label}</dt>
              <dd>{role.means}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

interface EntryRowProps {
  entry: ShareEntry;
  target: ShareTarget;
  mayChange: boolean;
  onRole: (role: string) => void;
  onRemove: () => void;
}

function EntryRow({ entry, target, mayChange, onRole, onRemove }: EntryRowProps): ReactNode {
  const role = target.roles.find((each) => each.value === entry.role);
  return (
    <li data-testid="share" className="flex min-h-12 items-center gap-2.5 rounded-md px-2 py-1">
      <SubjectFace subject={entry} />
      {mayChange ? (
        <>
          <div className="w-36 shrink-0 max-sm:w-32">
            <Select
              aria-label={`Role of ${entry.name}`}
              value={entry.role}
              onValueChange={onRole}
              options={target.roles}
            />
          </div>
          <IconButton label={`Remove ${entry.name}`} onClick={onRemove}>
            <X size={16} aria-hidden />
          </IconButton>
        </>
      ) : (
        <span className="shrink-0 pr-3 text-muted">{role?.label ?? entry.role}</span>
      )}
    </li>
  );
}

/** In the place of somebody who was taken out. The focus that was on the button which is gone goes to this one. */
function RemovedRow({ entry, onUndo }: { entry: ShareEntry; onUndo: () => void }): ReactNode {
  return (
    <li className="flex min-h-12 items-center gap-2.5 rounded-md px-2 py-1">
      <p role="status" className="min-w-0 flex-1 truncate pl-[2.375rem] text-muted">
        No longer shared with <bdi>{entry.name}</bdi>
      </p>
      <Button autoFocus size="sm" onClick={onUndo} aria-label={`Undo: share with ${entry.name} again`}>
        Undo
      </Button>
    </li>
  );
}
