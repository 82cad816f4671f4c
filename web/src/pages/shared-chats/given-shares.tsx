import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Share2 } from "lucide-react";
import type { ReactNode } from "react";
import { chatShares, type GivenChatShare } from "../../../../src/contract/sharing.ts";
import { patch } from "../../api/client.ts";
import { givenSharesQuery } from "../../api/sharing-queries.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Button } from "../../ui/button.tsx";
import { Card, Section } from "../../ui/card.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { failed, toast, UNDO_FOR_MS } from "../../ui/toaster.tsx";

/** Every share that the reader has given, with a way to end each. */
export function GivenShares(): ReactNode {
  const given = useInfiniteQuery({
    ...givenSharesQuery,
    select: ({ pages }) => pages.flatMap((page) => page.items),
  });
  const setRole = useSetRole();

  function end(share: GivenChatShare): void {
    setRole({ share, role: "" });
    toast(`No longer shared with ${share.subject_name}`, {
      description: share.title,
      duration: UNDO_FOR_MS,
      action: { label: "Undo", onClick: () => setRole({ share, role: share.role }) },
    });
  }

  return (
    <Section
      title="Chats that you share"
      description="Each with its sub-agents. Ending a share shuts them out at once."
    >
      {given.data !== undefined ? (
        given.data.length === 0 ? (
          <EmptyState icon={<Share2 size={24} aria-hidden />} title="You share nothing yet">
            Open a chat and press Share to let others watch it live, or write in it.
          </EmptyState>
        ) : (
          <>
            <Card>
              <ul className="divide-y divide-line">
                {given.data.map((share) => (
                  <ShareRow key={share.id} share={share} onEnd={() => end(share)} />
                ))}
              </ul>
            </Card>
            {given.hasNextPage && (
              <Button busy={given.isFetchingNextPage} onClick={() => void given.fetchNextPage()} className="self-start">
                Show more
              </Button>
            )}
          </>
        )
      ) : given.isError ? (
        <ErrorState error={given.error} doing="load what you share" onRetry={() => void given.refetch()} />
      ) : (
        <Skeleton className="h-32 rounded-lg" />
      )}
    </Section>
  );
}

/** Gives a share its role, or takes it away where the role is empty; one that ends goes from the list at once. */
function useSetRole(): (change: { share: GivenChatShare; role: string }) => void {
  const queryClient = useQueryClient();
  const { queryKey } = givenSharesQuery;
  const { mutate } = useMutation({
    scope: { id: queryKey.join() },
    mutationFn: ({ share, role }: { share: GivenChatShare; role: string }) =>
      patch(
        `/chats/${share.chat_id}/shares`,
        { [share.subject_type === "user" ? "user_roles" : "group_roles"]: { [share.subject_id]: role } },
        chatShares,
      ),
    async onMutate({ share, role }) {
      if (role !== "") return;
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData(
        queryKey,
        (known) =>
          known && {
            ...known,
            pages: known.pages.map((page) => ({ ...page, items: page.items.filter(({ id }) => id !== share.id) })),
          },
      );
    },
    onError: (error, { role }) => failed(role === "" ? "end the share" : "share it again", error),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
  return mutate;
}

const roleWords: Record<GivenChatShare["role"], string> = { viewer: "Viewer", collaborator: "Collaborator" };

function ShareRow({ share, onEnd }: { share: GivenChatShare; onEnd: () => void }): ReactNode {
  return (
    <li data-testid="given-share" className="flex items-center gap-3 px-4 py-3">
      <Avatar name={share.subject_name} kind={share.subject_type === "group" ? "group" : "person"} />
      <div className="min-w-0 flex-1">
        <Link
          to="/chats/$chatId"
          params={{ chatId: share.chat_id }}
          className="block truncate font-medium hover:underline"
          title={share.title}
        >
          <bdi>{share.title}</bdi>
        </Link>
        <p className="truncate text-sm text-muted">
          <bdi>{share.subject_name}</bdi> · {roleWords[share.role]} · since <RelativeTime at={share.shared_at} />
        </p>
      </div>
      <Button size="sm" onClick={onEnd} aria-label={`End sharing ${share.title} with ${share.subject_name}`}>
        End
      </Button>
    </li>
  );
}
