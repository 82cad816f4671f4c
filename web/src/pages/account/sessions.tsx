import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Session } from "../../../../src/contract/identity.ts";
import { send } from "../../api/client.ts";
import { sessionsQuery } from "../../api/queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card, Section } from "../../ui/card.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { failed } from "../../ui/toaster.tsx";
import { clientWords } from "./client-words.ts";

export function Sessions(): ReactNode {
  const sessions = useQuery(sessionsQuery);
  return (
    <Section title="Where you are signed in" description="End what you don't recognise; it is out at once.">
      {sessions.isPending ? (
        <Skeleton className="h-28 rounded-lg" />
      ) : sessions.data === undefined ? (
        <ErrorState error={sessions.error} doing="load your sessions" onRetry={() => void sessions.refetch()} />
      ) : (
        <Card>
          <ul className="divide-y divide-line">
            {sessions.data.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        </Card>
      )}
    </Section>
  );
}

function SessionRow({ session }: { session: Session }): ReactNode {
  const queryClient = useQueryClient();
  const end = useMutation({
    mutationFn: () => send("DELETE", `/users/me/sessions/${session.id}`),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
    onError: (error) => failed("end the session", error),
  });
  const client = clientWords(session.user_agent);
  return (
    <li className="flex items-center justify-between gap-4 px-4 py-3">
      <div className="min-w-0">
        <p className="flex items-center gap-2 font-medium" title={session.user_agent}>
          {client}
          {session.current && <Badge tone="accent">This one</Badge>}
        </p>
        <p className="text-sm text-muted">
          {session.ip_address !== "" && <span className="tabular">{session.ip_address} · </span>}
          last used <RelativeTime at={session.last_used_at} /> · since <RelativeTime at={session.created_at} />
        </p>
      </div>
      {!session.current && (
        <Button size="sm" busy={end.isPending} onClick={() => end.mutate()} aria-label={`End the session of ${client}`}>
          End
        </Button>
      )}
    </li>
  );
}
