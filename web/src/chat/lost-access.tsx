import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { chat as chatSchema } from "../../../src/contract/chats.ts";
import { get } from "../api/client.ts";
import { ApiError } from "../api/error.ts";
import { chatListQuery } from "../api/queries.ts";
import { loadedChats } from "../shell/chat-list.ts";
import { PageHeader } from "../shell/page-header.tsx";
import { Button } from "../ui/button.tsx";
import { failed } from "../ui/toaster.tsx";

interface NoChatProps {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

function NoChat({ title, children, action }: NoChatProps): ReactNode {
  return (
    <div className="flex h-full flex-col">
      <PageHeader title="Chat" lined={false} />
      <div className="flex flex-1 items-center px-4 sm:px-8">
        <div className="column pb-24" role="status">
          <h2 className="text-xl font-semibold">{title}</h2>
          <p className="mt-2 mb-5 max-w-lg text-md text-muted">{children}</p>
          <div className="flex flex-wrap gap-2">
            <Button asChild variant="primary">
              <Link to="/">Start a new chat</Link>
            </Button>
            {action}
          </div>
        </div>
      </div>
    </div>
  );
}

export function NoSuchChat(): ReactNode {
  return (
    <NoChat title="This chat is not here">
      It does not exist, or it is not shared with you any more. Nothing of yours was lost by opening this page.
    </NoChat>
  );
}

/** In place of a chat that was watched until now. It comes back by itself when it is shared anew. */
export function LostAccess({ chatId, onReopen }: { chatId: string; onReopen: () => void }): ReactNode {
  useSignedOutToo(chatId);
  const { data: listed } = useInfiniteQuery({
    ...chatListQuery("shared"),
    select: (pages) => loadedChats(pages).some((chat) => chat.id === chatId || chat.root_chat_id === chatId),
  });
  const wasAway = useRef(false);
  useEffect(() => {
    if (listed === false) wasAway.current = true;
    if (listed === true && wasAway.current) onReopen();
  }, [listed, onReopen]);
  return (
    <NoChat title="You no longer have access to this chat" action={<Button onClick={onReopen}>Look again</Button>}>
      Somebody has changed who may see it. What you wrote there stays with it; ask its owner if you still need it.
    </NoChat>
  );
}

/** A session that has ended closes the line in the same way: an ordinary call leads to the sign-in page then. */
function useSignedOutToo(chatId: string): void {
  useEffect(() => {
    get(`/chats/${chatId}`, chatSchema).catch((error: unknown) => {
      // That it is not there is what the page says.
      if (error instanceof ApiError && [0, 401, 403, 404].includes(error.status)) return;
      failed("look for the chat", error);
    });
  }, [chatId]);
}
