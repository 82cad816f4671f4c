import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import type { User } from "../../../../src/contract/identity.ts";
import { tokensQuery } from "../../api/account-queries.ts";
import { personName } from "../../shell/names.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { CreateTokenDialog } from "../tokens/create-token-dialog.tsx";
import { TokenList } from "../tokens/token-list.tsx";

/** The tokens by which a service account acts. */
export function ServiceTokensDialog({ account, onClose }: { account: User; onClose: () => void }): ReactNode {
  const tokens = useQuery(tokensQuery(account.id));
  const [creating, setCreating] = useState(false);
  const name = personName(account);
  if (creating) {
    return <CreateTokenDialog user={account.id} title="New token" onClose={() => setCreating(false)} />;
  }
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title="API tokens"
      description={
        <>
          By these <bdi className="font-medium text-ink">{name}</bdi> acts, with its own roles and not with yours. They
          go on when whoever made them leaves.
        </>
      }
    >
      {tokens.isPending ? (
        <Skeleton className="h-28 rounded-lg" />
      ) : tokens.data === undefined ? (
        <ErrorState error={tokens.error} doing="load the tokens" onRetry={() => void tokens.refetch()} />
      ) : tokens.data.length === 0 ? (
        <p className="rounded-lg border border-dashed border-line-strong px-4 py-5 text-muted">
          No tokens yet. Until it has one, this account can do nothing.
        </p>
      ) : (
        <TokenList user={account.id} tokens={tokens.data} />
      )}
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
        <Button variant="primary" onClick={() => setCreating(true)}>
          New token
        </Button>
      </DialogActions>
    </Dialog>
  );
}
