import type { ReactNode } from "react";
import { useState } from "react";
import { createdAccountLink } from "../../../../src/contract/identity.ts";
import type { User } from "../../../../src/contract/identity.ts";
import { post } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { personName } from "../../shell/names.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { LinkOnceDialog } from "./link-once.tsx";

export function ResetLinkDialog({ account, onClose }: { account: User; onClose: () => void }): ReactNode {
  const [made, setMade] = useState<{ url: string; expiresAt: string } | null>(null);
  const name = <bdi className="font-medium text-ink">{personName(account)}</bdi>;
  const form = useForm({
    initial: {},
    parse: (values) => ({ success: true, data: values }),
    async submit() {
      const { url, link } = await post(`/users/${account.id}/password-reset`, {}, createdAccountLink);
      setMade({ url, expiresAt: link.expires_at });
    },
  });
  if (made !== null) {
    return (
      <LinkOnceDialog title="Copy the reset link now" {...made} onClose={onClose}>
        Send it to {name}, who chooses a new password with it.
      </LinkOnceDialog>
    );
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Make a password reset link">
      <form {...form.props} className="flex flex-col gap-4">
        <p className="text-muted">
          With the link {name} chooses a new password and is signed out everywhere else. It works once, for a day.
          Earlier reset links of this account stop working. Until it is used, the old password stays.
        </p>
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Make the link
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
