import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Download, FileClock, Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { auditFile, auditQuery, type AuditSearch } from "../../api/audit-queries.ts";
import { rightsQuery } from "../../api/queries.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { counted } from "../../shell/names.ts";
import { AuditDays } from "./audit-days.tsx";
import { AuditFilterFields } from "./audit-filters.tsx";
import { isNarrowed, searchOf, type AuditFilters } from "./audit-search.ts";
import { NextPage } from "./next-page.tsx";

/** Who did what to which object, when and from where. */
export function AuditPage(): ReactNode {
  const rights = useQuery(rightsQuery);
  const filters = useSearch({ from: "/app/settings/audit" });
  const navigate = useNavigate({ from: "/settings/audit" });
  const [openedAt, setOpenedAt] = useState(() => Date.now());
  const search = searchOf(filters, openedAt);

  /** What is chosen can be taken back with the browser's button; what is typed is one step with what was before it. */
  function change(next: AuditFilters, typing = false): void {
    if (next.range !== filters.range) setOpenedAt(Date.now());
    void navigate({ search: next, replace: typing });
  }

  function content(): ReactNode {
    if (rights.isPending) return <LogShape />;
    if (rights.data === undefined) {
      return <ErrorState error={rights.error} doing="load your rights" onRetry={() => void rights.refetch()} />;
    }
    if (!rights.data.read_audit_log) return <NoAuditor />;
    return (
      <section aria-label="Audit log" className="flex flex-col gap-5">
        <AuditFilterFields filters={filters} onChange={change} />
        <Entries search={search} narrowed={isNarrowed(filters)} onChange={change} />
      </section>
    );
  }

  return (
    <SettingsPage
      title="Audit log"
      lead="Who did what, when and from where. Entries are only ever added, never changed."
      wide
      actions={
        rights.data?.read_audit_log === true && (
          <Button asChild>
            <a href={auditFile(search)} download>
              <Download size={14} aria-hidden />
              Download CSV
            </a>
          </Button>
        )
      }
    >
      {content()}
    </SettingsPage>
  );
}

interface EntriesProps {
  search: AuditSearch;
  narrowed: boolean;
  onChange: (filters: AuditFilters) => void;
}

function Entries({ search, narrowed, onChange }: EntriesProps): ReactNode {
  const log = useInfiniteQuery({
    ...auditQuery(search),
    // What was there stays until the narrower list has come: the page does not jump under whoever types.
    placeholderData: (before) => before,
  });
  if (log.isPending) return <LogShape />;
  if (log.data === undefined) {
    return <ErrorState error={log.error} doing="load the audit log" onRetry={() => void log.refetch()} />;
  }
  const entries = log.data.pages.flatMap((page) => page.audit_logs);
  if (entries.length === 0) {
    return (
      <EmptyState
        icon={<FileClock size={24} aria-hidden />}
        title={narrowed ? "No entry matches" : "Nothing is written yet"}
        action={narrowed && <Button onClick={() => onChange({})}>Show all entries</Button>}
      >
        {narrowed
          ? "The person is matched by the whole user name; the search finds parts of names, and whole ids and addresses."
          : "Signing in, and every change that matters, leaves an entry here."}
      </EmptyState>
    );
  }
  return (
    <div aria-busy={log.isPlaceholderData} className="flex flex-col gap-5">
      <p role="status" className="tabular text-sm text-muted">
        {counted(log.data.pages[0]?.count ?? 0, "entry", "entries")}
      </p>
      <AuditDays entries={entries} onNarrow={(part) => onChange(part)} />
      <NextPage list={log} />
    </div>
  );
}

function LogShape(): ReactNode {
  return (
    <div aria-busy role="status" aria-label="Loading the audit log" className="flex flex-col gap-5">
      <Skeleton className="h-20" />
      <Skeleton className="h-80 rounded-lg" />
    </div>
  );
}

function NoAuditor(): ReactNode {
  return (
    <EmptyState
      icon={<Lock size={24} aria-hidden />}
      title="The audit log is for auditors"
      action={
        <Button asChild>
          <Link to="/settings/account">Go to your account</Link>
        </Button>
      }
    >
      Owners and auditors of this deployment read it, and admins and auditors of an organisation what happened there.
    </EmptyState>
  );
}
