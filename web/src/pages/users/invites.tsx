import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import type { AccountLink } from "../../../../src/contract/identity.ts";
import { invitesQuery, siteRolesQuery } from "../../api/account-queries.ts";
import { send } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Card, Section } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { roleWords } from "./account-words.ts";

/** Invites that nobody has accepted yet. */
export function Invites(): ReactNode {
  const lists = useInfiniteQuery(invitesQuery);
  const invites = lists.data?.pages.flatMap((page) => page.items);
  return (
    <Section title="Open invites" description="Links that wait for somebody. Each works once, until it ends.">
      {lists.isPending ? (
        <Skeleton className="h-16 rounded-lg" />
      ) : invites === undefined ? (
        <ErrorState error={lists.error} doing="load the invites" onRetry={() => void lists.refetch()} />
      ) : invites.length === 0 ? (
        <p className="text-muted">None. Invite somebody with Add at the top of this page.</p>
      ) : (
        <>
          <Card>
            <ul className="divide-y divide-line">
              {invites.map((invite) => (
                <InviteRow key={invite.id} invite={invite} />
              ))}
            </ul>
          </Card>
          {lists.hasNextPage && (
            <Button
              size="sm"
              className="self-start"
              busy={lists.isFetchingNextPage}
              onClick={() => void lists.fetchNextPage()}
            >
              Show more
            </Button>
          )}
        </>
      )}
    </Section>
  );
}

function InviteRow({ invite }: { invite: AccountLink }): ReactNode {
  const queryClient = useQueryClient();
  const roles = useQuery(siteRolesQuery).data ?? [];
  const [revoking, setRevoking] = useState(false);
  const whom = invite.email === "" ? "Anybody with the link" : invite.email;

  async function revoke(): Promise<void> {
    await send("DELETE", `/invites/${invite.id}`);
    await queryClient.invalidateQueries({ queryKey: invitesQuery.queryKey });
  }
  return (
    <li className="flex items-center justify-between gap-4 px-4 py-3" data-testid="invite">
      <div className="min-w-0">
        <p className="truncate font-medium">
          <bdi title={whom}>{whom}</bdi>
        </p>
        <p className="text-sm text-muted">
          {roleWords(invite.roles, roles)} · made <RelativeTime at={invite.created_at} /> · ends{" "}
          <RelativeTime at={invite.expires_at} />
        </p>
      </div>
      <Button size="sm" onClick={() => setRevoking(true)} aria-label={`Revoke the invite for ${whom}`}>
        Revoke
      </Button>
      {revoking && (
        <ConfirmDialog
          title="Revoke this invite?"
          action="Revoke"
          onConfirm={revoke}
          onClose={() => setRevoking(false)}
        >
          Its link stops working at once and can't be brought back. You can always make another.
        </ConfirmDialog>
      )}
    </li>
  );
}
