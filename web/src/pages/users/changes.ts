import { useQueryClient } from "@tanstack/react-query";
import type { InfiniteData } from "@tanstack/react-query";
import { user } from "../../../../src/contract/identity.ts";
import type { User } from "../../../../src/contract/identity.ts";
import { USERS_KEY } from "../../api/account-queries.ts";
import { put } from "../../api/client.ts";
import { personName } from "../../shell/names.ts";
import { failed, toast, UNDO_FOR_MS } from "../../ui/toaster.tsx";

type Pages = InfiniteData<{ users: User[]; count: number }>;

interface AccountChanges {
  /** Shows an account as the server says it is now, then reads the lists anew. */
  show(account: User): Promise<void>;
  /** After one has come or gone. */
  refresh(): Promise<void>;
  suspend(account: User): Promise<void>;
  activate(account: User): Promise<void>;
}

/** Changes to accounts, as the lists on the page come to know of them. */
export function useAccountChanges(): AccountChanges {
  const queryClient = useQueryClient();

  async function refresh(): Promise<void> {
    await queryClient.invalidateQueries({ queryKey: USERS_KEY });
  }
  async function show(account: User): Promise<void> {
    queryClient.setQueriesData<Pages>(
      { queryKey: USERS_KEY },
      (lists) =>
        lists && {
          ...lists,
          pages: lists.pages.map((page) => ({
            ...page,
            users: page.users.map((each) => (each.id === account.id ? account : each)),
          })),
        },
    );
    await refresh();
  }
  async function setStatus(account: User, verb: "suspend" | "activate"): Promise<boolean> {
    try {
      void show(await put(`/users/${account.id}/status/${verb}`, {}, user));
      return true;
    } catch (error) {
      failed(`${verb} ${personName(account)}`, error);
      return false;
    }
  }
  async function activate(account: User): Promise<void> {
    if (await setStatus(account, "activate")) toast.success(`${personName(account)} is active`);
  }
  async function suspend(account: User): Promise<void> {
    if (!(await setStatus(account, "suspend"))) return;
    toast.success(`${personName(account)} is suspended`, {
      description: "Signed out everywhere; tokens are refused.",
      duration: UNDO_FOR_MS,
      action: { label: "Undo", onClick: () => void activate(account) },
    });
  }
  return { show, refresh, suspend, activate };
}
