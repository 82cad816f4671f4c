import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { failed } from "../ui/toaster.tsx";
import { changeOf, withRole, type ShareState, type Subject } from "./share-state.ts";
import type { ShareTarget } from "./share-target.ts";

export interface Shares {
  query: UseQueryResult<ShareState>;
  /** Gives a role, shown at once; the empty role takes the subject out. */
  give(subject: Subject, role: string): void;
  /** Lets somebody in by their user name. Throws the server's refusal. */
  giveByName(username: string, role: string): Promise<void>;
}

export function useShares(target: ShareTarget): Shares {
  const queryClient = useQueryClient();
  const { queryKey } = target;
  const query = useQuery<ShareState>({ queryKey, queryFn: ({ signal }) => target.read(signal) });

  function reread(): Promise<void> {
    target.after(queryClient);
    return queryClient.invalidateQueries({ queryKey });
  }

  const { mutate } = useMutation({
    // One after the other, so that the last choice is the one that stays.
    scope: { id: queryKey.join() },
    mutationFn: ({ subject, role }: { subject: Subject; role: string }) => target.write(changeOf(subject, role)),
    async onMutate({ subject, role }) {
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData<ShareState>(queryKey, (known) => known && withRole(known, subject, role));
    },
    onError: (error, { role }) => failed(role === "" ? "end the sharing" : "share it", error),
    onSettled: () => {
      // What another change has shown at once is not there yet on the server.
      if (queryClient.isMutating({ predicate: isOfTarget }) <= 1) return reread();
    },
  });
  function isOfTarget({ options }: { options: { scope?: { id: string } } }): boolean {
    return options.scope?.id === queryKey.join();
  }

  return {
    query,
    give: (subject, role) => mutate({ subject, role }),
    async giveByName(username, role) {
      await target.write({ user_roles: { [username]: role } });
      await reread();
    },
  };
}
