import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { chat as chatSchema, updateChatRequest } from "../../../src/contract/chats.ts";
import type { Chat } from "../../../src/contract/chats.ts";
import { patch } from "../api/client.ts";
import { useForm } from "../api/form.ts";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Field, Input } from "../ui/field.tsx";
import { FormFailure } from "../ui/form-failure.tsx";
import { tellChats } from "./chat-cache.ts";

export function RenameDialog({ chat, onClose }: { chat: Chat; onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const rename = useMutation({
    mutationFn: (title: string) => patch(`/chats/${chat.id}`, { title }, chatSchema),
    onSuccess: (renamed) => tellChats(queryClient, { kind: "title_change", chat: renamed }),
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
