import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { UserRoundSearch, UsersRound } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { rightsQuery } from "../../api/queries.ts";
import { siteRolesQuery, usersQuery } from "../../api/account-queries.ts";
import { counted } from "../../shell/names.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Button } from "../../ui/button.tsx";
import { useDebounced } from "../../ui/debounced.ts";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { isNarrowed, noFilter, searchOf } from "./account-search.ts";
import { AccountTable } from "./account-table.tsx";
import { AddMenu } from "./add-menu.tsx";
import { Filters } from "./filters.tsx";
import { Invites } from "./invites.tsx";

/** Who has an account here, and what those who manage people do with them. */
export function UsersPage(): ReactNode {
  const rights = useQuery(rightsQuery);
  const manages = rights.data?.manage_users ?? false;
  return (
    <SettingsPage
      title="Users"
      lead="Everybody with an account here: people, and service accounts that act by tokens."
      wide
      actions={manages && <AddMenu />}
    >
      {rights.isPending ? (
        <ListShape />
      ) : rights.data === undefined ? (
        <ErrorState error={rights.error} doing="load your rights" onRetry={() => void rights.refetch()} />
      ) : rights.data.read_users ? (
        <>
          <Accounts manages={manages} />
          {manages && <Invites />}
        </>
      ) : (
        <EmptyState icon={<UsersRound size={24} aria-hidden />} title="This page is for those who manage people">
          You see people where you work with them: in your organisation, and where you share. If somebody needs an
          account, ask an owner of this deployment.
        </EmptyState>
      )}
    </SettingsPage>
  );
}

function Accounts({ manages }: { manages: boolean }): ReactNode {
  const [filters, setFilters] = useState(noFilter);
  const roles = useQuery(siteRolesQuery).data ?? [];
  const words = useDebounced(filters.words);
  const search = searchOf({ ...filters, words });
  const lists = useInfiniteQuery({
    ...usersQuery(search),
    // What was there stays until the narrower list has come: the page does not jump under whoever types.
    placeholderData: (before) => before,
  });

  function content(): ReactNode {
    if (lists.isPending) return <ListShape />;
    if (lists.data === undefined) {
      return <ErrorState error={lists.error} doing="load the accounts" onRetry={() => void lists.refetch()} />;
    }
    const accounts = lists.data.pages.flatMap((page) => page.users);
    if (accounts.length === 0) {
      return (
        <EmptyState
          icon={<UserRoundSearch size={24} aria-hidden />}
          title="Nobody matches"
          action={isNarrowed(filters) && <Button onClick={() => setFilters(noFilter)}>Show everybody</Button>}
        >
          The search looks at user names, names and e-mail addresses.
        </EmptyState>
      );
    }
    const isOld = lists.isPlaceholderData;
    return (
      <div className="flex flex-col gap-3" aria-busy={isOld}>
        <AccountTable accounts={accounts} roles={roles} manages={manages} />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p role="status" className="tabular text-sm text-muted">
            {countWords(lists.data.pages[0]?.count ?? 0, accounts.length)}
          </p>
          {lists.hasNextPage && (
            <Button size="sm" busy={lists.isFetchingNextPage} onClick={() => void lists.fetchNextPage()}>
              Show more
            </Button>
          )}
        </div>
      </div>
    );
  }

  return (
    <section aria-label="Accounts" className="flex flex-col gap-4">
      <Filters filters={filters} roles={roles} onChange={setFilters} />
      {content()}
    </section>
  );
}

function countWords(count: number, shown: number): string {
  const accounts = counted(count, "account");
  return shown < count ? `${shown} of ${accounts}` : accounts;
}

function ListShape(): ReactNode {
  return (
    <div aria-busy role="status" aria-label="Loading accounts" className="flex flex-col gap-3">
      <Skeleton className="h-9 w-full max-w-md" />
      <Skeleton className="h-64 rounded-lg" />
    </div>
  );
}
