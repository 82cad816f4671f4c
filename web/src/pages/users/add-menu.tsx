import { Bot, Link2, Plus, UserRoundPlus } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { User } from "../../../../src/contract/identity.ts";
import { personName } from "../../shell/names.ts";
import { Button } from "../../ui/button.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";
import { toast } from "../../ui/toaster.tsx";
import { AddPersonDialog } from "./add-person-dialog.tsx";
import { AddServiceAccountDialog } from "./add-service-account-dialog.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { ServiceTokensDialog } from "./service-tokens-dialog.tsx";

/** The three ways in which an account comes to be. */
export function AddMenu(): ReactNode {
  const [adding, setAdding] = useState<"invite" | "person" | "service" | null>(null);
  const [made, setMade] = useState<User | null>(null);

  function close(): void {
    setAdding(null);
  }
  return (
    <>
      <Menu
        trigger={
          <Button variant="primary">
            <Plus size={14} aria-hidden />
            Add
          </Button>
        }
      >
        <MenuItem icon={<Link2 size={16} aria-hidden />} onSelect={() => setAdding("invite")}>
          Invite by link…
        </MenuItem>
        <MenuItem icon={<UserRoundPlus size={16} aria-hidden />} onSelect={() => setAdding("person")}>
          Person with a password…
        </MenuItem>
        <MenuItem icon={<Bot size={16} aria-hidden />} onSelect={() => setAdding("service")}>
          Service account…
        </MenuItem>
      </Menu>
      {adding === "invite" && <InviteDialog onClose={close} />}
      {adding === "person" && (
        <AddPersonDialog
          onClose={close}
          onMade={(person) => {
            close();
            toast.success(`${personName(person)} can sign in now`);
          }}
        />
      )}
      {adding === "service" && (
        <AddServiceAccountDialog
          onClose={close}
          onMade={(account) => {
            close();
            setMade(account);
          }}
        />
      )}
      {made !== null && <ServiceTokensDialog account={made} onClose={() => setMade(null)} />}
    </>
  );
}
