import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { Chat } from "../../../src/contract/chats.ts";
import { chatShares, workspaceAcl } from "../../../src/contract/sharing.ts";
import type { Workspace } from "../../../src/contract/workspaces.ts";
import { get, patch, send } from "../api/client.ts";
import { ApiError } from "../api/error.ts";
import { workspacesQuery } from "../api/queries.ts";
import { givenSharesQuery } from "../api/sharing-queries.ts";
import { chatShareState, workspaceShareState, type ShareChange, type ShareState } from "./share-state.ts";

/** What is shared: where its shares are read and written, and what each role of it means. */
export interface ShareTarget {
  title: string;
  description: string;
  organizationId: string;
  /** The first is what somebody gets who is added; each with one line that says what it is. */
  roles: readonly { value: string; label: string; means: string }[];
  /** Whether people may be named by a name that no list has shown. */
  byName: boolean;
  /** Where whoever was let in finds it; null where a link leads nowhere by itself. */
  link: string | null;
  /** Why there is nothing to change, where `mayShare` is false and the server gave no words of its own. */
  closed: string;
  queryKey: QueryKey;
  read(signal: AbortSignal): Promise<ShareState>;
  write(change: ShareChange): Promise<void>;
  /** Other lists that show what was changed. */
  after(queryClient: QueryClient): void;
}

export function chatTarget(chat: Chat): ShareTarget {
  const path = `/chats/${chat.root_chat_id}/shares`;
  return {
    title: "Share this chat",
    description: "They see all of it, live, with its sub-agents. Only you can rename, archive or share it.",
    organizationId: chat.organization_id,
    roles: [
      { value: "viewer", label: "Viewer", means: "reads everything and watches live" },
      { value: "collaborator", label: "Collaborator", means: "also sends messages, under their own name" },
    ],
    byName: true,
    link: new URL(`/chats/${chat.root_chat_id}`, location.origin).href,
    closed: "Chats can't be shared here: the owners of this deployment have turned it off.",
    queryKey: ["chat-shares", chat.root_chat_id],
    read: async (signal) => chatShareState(await get(path, chatShares, { signal })),
    write: async (change) => {
      await patch(path, change, chatShares);
    },
    after: (queryClient) => void queryClient.invalidateQueries({ queryKey: givenSharesQuery.queryKey }),
  };
}

export function workspaceTarget(workspace: Workspace): ShareTarget {
  const path = `/workspaces/${workspace.id}/acl`;
  const owner = { id: workspace.owner_id, name: workspace.owner_name ?? "" };
  return {
    title: `Share ${workspace.name}`,
    description: "Whoever may use it runs commands there, as the user who started its agent.",
    organizationId: workspace.organization_id,
    roles: [
      { value: "use", label: "Use", means: "their chats read, change and run things there" },
      { value: "admin", label: "Admin", means: "also renames, reconnects and shares it; can't forget it" },
    ],
    byName: false,
    link: null,
    closed: "This workspace can't be shared.",
    queryKey: ["workspace-acl", workspace.id],
    async read(signal) {
      try {
        return workspaceShareState(await get(path, workspaceAcl, { signal }), owner);
      } catch (error) {
        // That sharing is switched off is an answer, not a failure.
        if (!(error instanceof ApiError) || error.status !== 403) throw error;
        return { mayShare: false, whyNot: error.detail, owner, entries: [] };
      }
    },
    write: (change) => send("PATCH", path, change),
    after: (queryClient) => void queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey }),
  };
}
