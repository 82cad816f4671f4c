import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleDashed, Ellipsis, Hand, Link2, PenLine } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { chat as chatSchema, updateChatRequest } from "../../../src/contract/chats.ts";
import type { Chat } from "../../../src/contract/chats.ts";
import type { ModelCatalogue } from "../../../src/contract/models.ts";
import { patch } from "../api/client.ts";
import { useForm } from "../api/form.ts";
import { chatQuery, chatsQuery, modelsQuery } from "../api/queries.ts";
import { Button } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Field, Input } from "../ui/field.tsx";
import { FormFailure } from "../ui/form-failure.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { failed, toast } from "../ui/toaster.tsx";
import { applyWatchEvent } from "./chat-list.ts";
import { isBusy, statusWords } from "./chat-status.ts";

/** A chat in the sidebar: status, title, what there is to know of it, and how old that is. */
export function ChatRow({ chat, onOpen }: { chat: Chat; onOpen: () => void }): ReactNode {
  const [renaming, setRenaming] = useState(false);
  const { data: modelName } = useQuery({
    ...modelsQuery,
    select: (catalogue) => displayName(catalogue, chat.last_model_config_id),
  });
  const failedTurn = chat.status === "error";
  const second = failedTurn ? (chat.last_error ?? "The last turn failed") : secondLine(chat, modelName);

  async function copyLink(): Promise<void> {
    try {
      await navigator.clipboard.writeText(new URL(`/chats/${chat.id}`, location.origin).href);
      toast.success("Link copied");
    } catch (error) {
      failed("copy the link", error);
    }
  }

  return (
    <li className="group/row relative">
      <Link
        to="/chats/$chatId"
        params={{ chatId: chat.id }}
        onClick={onOpen}
        data-testid="sidebar-chat"
        data-status={chat.status}
        className="flex gap-2.5 rounded-md px-2 py-1.5 hover:bg-raised data-[status=active]:bg-raised aria-[current=page]:bg-raised"
        activeProps={{ "aria-current": "page" }}
      >
        <StatusIcon chat={chat} />
        <span className="flex min-w-0 flex-1 flex-col">
          <span className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 truncate text-base text-ink" title={chat.title}>
              {chat.title}
            </span>
            <span className="shrink-0 text-xs text-faint [@media(hover:hover)]:group-focus-within/row:opacity-0 [@media(hover:hover)]:group-hover/row:opacity-0">
              <RelativeTime at={chat.updated_at} short />
            </span>
          </span>
          {second !== "" && (
            <span className={cx("truncate text-xs", failedTurn ? "text-danger" : "text-faint")}>{second}</span>
          )}
        </span>
      </Link>
      {isBusy(chat.status) && (
        <span aria-hidden className="tideline-run pointer-events-none absolute inset-x-2 bottom-0 h-0.5 rounded-full" />
      )}
      <Menu
        trigger={
          <button
            type="button"
            aria-label={`More about ${chat.title}`}
            className="absolute top-1 right-1 flex size-6 items-center justify-center rounded-sm bg-raised text-muted opacity-0 group-hover/row:opacity-100 hover:bg-pressed hover:text-ink focus-visible:opacity-100 data-[state=open]:opacity-100 [@media(hover:none)]:top-auto [@media(hover:none)]:bottom-1 [@media(hover:none)]:bg-transparent [@media(hover:none)]:opacity-100"
          >
            <Ellipsis size={14} aria-hidden />
          </button>
        }
      >
        <MenuItem icon={<PenLine size={16} aria-hidden />} onSelect={() => setRenaming(true)}>
          Rename…
        </MenuItem>
        <MenuItem icon={<Link2 size={16} aria-hidden />} onSelect={() => void copyLink()}>
          Copy link
        </MenuItem>
      </Menu>
      {renaming && <RenameDialog chat={chat} onClose={() => setRenaming(false)} />}
    </li>
  );
}

function StatusIcon({ chat }: { chat: Chat }): ReactNode {
  const size = 16;
  const words = statusWords(chat.status);
  const icon =
    chat.status === "error" ? (
      <CircleAlert size={size} className="text-danger" aria-hidden />
    ) : chat.status === "requires_action" ? (
      <Hand size={size} className="text-warning" aria-hidden />
    ) : isBusy(chat.status) ? (
      <CircleDashed size={size} className="text-accent" aria-hidden />
    ) : (
      <span className="m-[5px] block size-1.5 rounded-full bg-line-strong" aria-hidden />
    );
  return (
    <span className="mt-0.5 shrink-0" title={words}>
      {icon}
      <span className="sr-only">{words}:</span>
    </span>
  );
}

function secondLine(chat: Chat, modelName: string | undefined): string {
  const words = statusWords(chat.status);
  const parts = [words === "Idle" ? undefined : words, modelName];
  return parts.filter((part) => part !== undefined).join(" · ");
}

function displayName(catalogue: ModelCatalogue, configId: string): string | undefined {
  for (const { models } of catalogue.providers) {
    const model = models.find((each) => each.model_config_id === configId);
    if (model !== undefined) return model.display_name;
  }
  return undefined;
}

function RenameDialog({ chat, onClose }: { chat: Chat; onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const rename = useMutation({
    mutationFn: (title: string) => patch(`/chats/${chat.id}`, { title }, chatSchema),
    onSuccess(renamed) {
      queryClient.setQueryData(chatQuery(chat.id).queryKey, renamed);
      queryClient.setQueryData(
        chatsQuery.queryKey,
        (pages) => pages && applyWatchEvent(pages, { kind: "title_change", chat: renamed }),
      );
    },
  });
  const form = useForm({
    initial: { title: chat.title },
    parse: (values) => updateChatRequest.required({ title: true }).safeParse(values),
    async submit({ title }) {
      await rename.mutateAsync(title);
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Rename chat">
      <form {...form.props} className="flex flex-col gap-4">
        <Field label="Title" error={form.errors.title}>
          {(control) => (
            <Input
              {...control}
              value={form.values.title}
              maxLength={200}
              onFocus={(event) => event.target.select()}
              onChange={(event) => form.set("title", event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Rename
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
