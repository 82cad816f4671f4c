import { CircleCheck, CircleSlash, Ellipsis, KeyRound, Link2, ShieldOff, Trash2, UserRoundCog } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { User } from "../../../../src/contract/identity.ts";
import { send } from "../../api/client.ts";
import { personName } from "../../shell/names.ts";
import { IconButton } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { toast } from "../../ui/toaster.tsx";
import { useAccountChanges } from "./changes.ts";
import { ResetLinkDialog } from "./reset-link-dialog.tsx";
import { RolesDialog } from "./roles-dialog.tsx";
import { ServiceTokensDialog } from "./service-tokens-dialog.tsx";

type Asking = "roles" | "reset" | "tokens" | "second-factor" | "delete" | null;

/** What whoever manages people may do to an account. What nobody does to their own is not offered there. */
export function AccountMenu({ account, isMe }: { account: User; isMe: boolean }): ReactNode {
  const [asking, setAsking] = useState<Asking>(null);
  const changes = useAccountChanges();
  const name = personName(account);
  const hasPassword = account.login_type === "password" && !account.is_service_account;

  function close(): void {
    setAsking(null);
  }
  async function removeSecondFactor(): Promise<void> {
    await send("DELETE", `/users/${account.id}/second-factor`);
    toast.success(`${name} signs in with the password alone`);
  }
  async function remove(): Promise<void> {
    await send("DELETE", `/users/${account.id}`);
    await changes.refresh();
  }

  return (
    <>
      <Menu
        trigger={
          <IconButton label={`More about ${name}`}>
            <Ellipsis size={16} aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={<UserRoundCog size={16} aria-hidden />} onSelect={() => setAsking("roles")}>
          Roles…
        </MenuItem>
        {account.is_service_account && (
          <MenuItem icon={<KeyRound size={16} aria-hidden />} onSelect={() => setAsking("tokens")}>
            API tokens…
          </MenuItem>
        )}
        {hasPassword && !isMe && (
          <>
            <MenuItem icon={<Link2 size={16} aria-hidden />} onSelect={() => setAsking("reset")}>
              Password reset link…
            </MenuItem>
            <MenuItem icon={<ShieldOff size={16} aria-hidden />} onSelect={() => setAsking("second-factor")}>
              Remove second factor…
            </MenuItem>
          </>
        )}
        {!isMe && (
          <>
            <MenuLine />
            {account.status === "active" ? null : (
              <MenuItem icon={<CircleCheck size={16} aria-hidden />} onSelect={() => void changes.activate(account)}>
                Activate
              </MenuItem>
            )}
            {account.status !== "suspended" && (
              <MenuItem icon={<CircleSlash size={16} aria-hidden />} onSelect={() => void changes.suspend(account)}>
                Suspend
              </MenuItem>
            )}
            <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onSelect={() => setAsking("delete")}>
              Delete…
            </MenuItem>
          </>
        )}
      </Menu>
      {asking === "roles" && <RolesDialog account={account} onClose={close} />}
      {asking === "reset" && <ResetLinkDialog account={account} onClose={close} />}
      {asking === "tokens" && <ServiceTokensDialog account={account} onClose={close} />}
      {asking === "second-factor" && (
        <ConfirmDialog
          title="Remove the second factor?"
          action="Remove it"
          onConfirm={removeSecondFactor}
          onClose={close}
        >
          <bdi>{name}</bdi> then signs in with the password alone. Do this for somebody who has lost their authenticator
          and whom you know to be asking; they can set up another afterwards.
        </ConfirmDialog>
      )}
      {asking === "delete" && (
        <ConfirmDialog title="Delete this account?" action="Delete" onConfirm={remove} onClose={close}>
          <bdi className="font-medium text-ink">{name}</bdi> is signed out everywhere and loses tokens, memberships and
          what others shared. Chats stay, and what was done stays in the audit log; the user name and e-mail address are
          free again. This can't be undone. To keep somebody out for a while, suspend the account.
        </ConfirmDialog>
      )}
    </>
  );
}
