import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { deleteExternalAuthResponse } from "../../../../src/contract/external-auth.ts";
import { del } from "../../api/client.ts";
import { externalAuthQuery } from "../../api/external-auth-queries.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toast } from "../../ui/toaster.tsx";

interface DisconnectDialogProps {
  id: string;
  name: string;
  /** Whether the service can be told to take the access back. */
  revokes: boolean;
  onClose: () => void;
}

export function DisconnectDialog({ id, name, revokes, onClose }: DisconnectDialogProps): ReactNode {
  const queryClient = useQueryClient();

  async function disconnect(): Promise<void> {
    const answer = await del(`/external-auth/${encodeURIComponent(id)}`, deleteExternalAuthResponse);
    await queryClient.invalidateQueries({ queryKey: externalAuthQuery.queryKey });
    if (answer.token_revoked) {
      toast.success(`${name} is disconnected`, { description: `${name} has taken the access back.` });
      return;
    }
    const why = answer.token_revocation_error ?? "It cannot be told from here to take the access back.";
    toast.warning(`${name} is disconnected here`, {
      description: `${why} To be sure, remove Tideline in your settings there.`,
      duration: 15_000,
    });
  }

  return (
    <ConfirmDialog title={`Disconnect ${name}?`} action="Disconnect" onConfirm={disconnect} onClose={onClose}>
      Tideline forgets the access{revokes ? " and asks the service to take it back" : ""}. Pull requests of your chats
      that it has found stay, and are not looked at again until you connect {name} once more.
    </ConfirmDialog>
  );
}
