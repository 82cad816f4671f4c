import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { useId, useState } from "react";
import type { AuditLog } from "../../../../src/contract/audit.ts";
import { useRights } from "../../shell/rights.ts";
import { Button } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { exactMoment } from "../../ui/moments.ts";
import { clientWords } from "../account/client-words.ts";
import { shownName } from "../../shell/names.ts";
import { AuditChanges } from "./audit-changes.tsx";
import type { AuditFilters } from "./audit-search.ts";
import { kindWords, sentenceParts } from "./audit-words.ts";

interface AuditEntryProps {
  entry: AuditLog;
  onNarrow: (filters: AuditFilters) => void;
}

/** One sentence; opened, everything that is known of it. */
export function AuditEntry({ entry, onNarrow }: AuditEntryProps): ReactNode {
  const [open, setOpen] = useState(false);
  const id = useId();
  const at = Date.parse(entry.time);
  return (
    <li data-testid="audit-entry">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        className="grid w-full grid-cols-[auto_minmax(0,1fr)] items-start gap-x-3 gap-y-0.5 px-4 py-2.5 text-left -outline-offset-2 transition-colors duration-100 hover:bg-raised sm:grid-cols-[auto_minmax(0,1fr)_9rem_4.5rem]"
      >
        <ChevronRight
          size={16}
          aria-hidden
          className={cx("mt-0.5 text-faint transition-transform duration-100", open && "rotate-90")}
        />
        <Sentence entry={entry} />
        <span className="truncate text-sm text-muted max-sm:col-start-2 sm:text-right" title={entry.ip}>
          {entry.ip === "" ? <span className="text-faint">no address</span> : <bdi>{entry.ip}</bdi>}
          <span className="sm:hidden"> · {clock(at)}</span>
        </span>
        <time
          dateTime={entry.time}
          title={exactMoment(at)}
          className="tabular text-right text-sm whitespace-nowrap text-muted max-sm:hidden"
        >
          {clock(at)}
        </time>
      </button>
      {open && (
        <div id={id} className="flex flex-col gap-4 border-t border-line bg-surface px-4 py-4 sm:pl-11">
          <AuditChanges diff={entry.diff} />
          <Facts entry={entry} />
          <div className="flex flex-wrap gap-2">
            {entry.user !== null && (
              <Button size="sm" onClick={() => onNarrow({ user: entry.user?.username })}>
                All by this person
              </Button>
            )}
            <Button size="sm" onClick={() => onNarrow({ q: entry.resource_id })}>
              All about this object
            </Button>
          </div>
        </div>
      )}
    </li>
  );
}

function Sentence({ entry }: { entry: AuditLog }): ReactNode {
  const parts = sentenceParts(entry.description, entry.user?.username ?? null, entry.resource_target);
  return (
    <span className="line-clamp-3 [overflow-wrap:anywhere]">
      {parts.map(({ text, name }, index) =>
        name ? (
          // The parts of a sentence never change places.
          <bdi key={index} className="font-medium">
            {text}
          </bdi>
        ) : (
          <span key={index}>{text}</span>
        ),
      )}
    </span>
  );
}

function Facts({ entry }: { entry: AuditLog }): ReactNode {
  const organization = useRights().organizations.find(({ id }) => id === entry.organization_id);
  const { user } = entry;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1 text-sm [overflow-wrap:anywhere]">
      <Fact term="When">{exactMoment(Date.parse(entry.time))}</Fact>
      <Fact term="Who">
        {user === null ? (
          "Nobody who was signed in"
        ) : (
          <>
            <bdi>{user.name === "" ? user.username : `${user.name} (${user.username})`}</bdi>
          </>
        )}
      </Fact>
      <Fact term="From where">
        {entry.ip === "" ? "No address" : <bdi>{entry.ip}</bdi>}
        {entry.user_agent !== "" && (
          <>
            , <span title={entry.user_agent}>{clientWords(entry.user_agent)}</span>
          </>
        )}
      </Fact>
      {entry.organization_id !== null && (
        <Fact term="Organisation">
          <bdi>{organization === undefined ? entry.organization_id : shownName(organization)}</bdi>
        </Fact>
      )}
      <Fact term={kindWords[entry.resource_type]}>
        <bdi className="font-mono text-xs">{entry.resource_id}</bdi>
      </Fact>
      <Fact term="Request">
        <bdi className="font-mono text-xs">{entry.request_id}</bdi>
      </Fact>
    </dl>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt className="text-muted">{term}</dt>
      <dd>{children}</dd>
    </>
  );
}

function clock(at: number): string {
  return new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }).format(at);
}
