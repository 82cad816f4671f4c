import type { ReactNode } from "react";
import { Badge } from "../../ui/badge.tsx";
import { personName } from "../../shell/names.ts";

interface PersonRowProps {
  person: { username: string; name: string; is_service_account: boolean };
  /** What can be done with them here. */
  children: ReactNode;
}

/** Somebody in a list of a dialog. */
export function PersonRow({ person, children }: PersonRowProps): ReactNode {
  const name = personName(person);
  return (
    <li className="flex min-h-12 items-center justify-between gap-3 py-1.5 pr-2 pl-3" data-testid="person">
      <div className="min-w-0">
        <p className="flex min-w-0 items-center gap-2">
          <bdi className="truncate" title={name}>
            {name}
          </bdi>
          {person.is_service_account && <Badge>Service account</Badge>}
        </p>
        {name !== person.username && (
          <p className="truncate text-sm text-muted">
            <bdi>{person.username}</bdi>
          </p>
        )}
      </div>
      <div className="flex shrink-0 items-center gap-1">{children}</div>
    </li>
  );
}

/** Where such rows stand, as high as a few of them. */
export function PersonList({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    // Who goes through it by keyboard can scroll it, too.
    <ul
      aria-label={label}
      tabIndex={0}
      className="max-h-72 divide-y divide-line overflow-y-auto rounded-lg border border-line"
    >
      {children}
    </ul>
  );
}
