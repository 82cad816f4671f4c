import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import type { ApiToken } from "../../../../src/contract/identity.ts";
import { tokensQuery } from "../../api/account-queries.ts";
import { send } from "../../api/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { RelativeTime, useNow } from "../../ui/relative-time.tsx";
import { scopeWords } from "./scope-words.ts";

/** The tokens of an account: `user` is its id, or "me". */
export function TokenList({ user, tokens }: { user: string; tokens: readonly ApiToken[] }): ReactNode {
  return (
    <Card>
      <ul className="divide-y divide-line">
        {tokens.map((token) => (
          <TokenRow key={token.id} user={user} token={token} />
        ))}
      </ul>
    </Card>
  );
}

function TokenRow({ user, token }: { user: string; token: ApiToken }): ReactNode {
  const queryClient = useQueryClient();
  const [revoking, setRevoking] = useState(false);
  const now = useNow();
  const expired = Date.parse(token.expires_at) <= now;

  async function revoke(): Promise<void> {
    await send("DELETE", `/users/${user}/keys/${token.id}`);
    await queryClient.invalidateQueries({ queryKey: tokensQuery(user).queryKey });
  }

  return (
    <li className="flex items-center justify-between gap-4 px-4 py-3">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 font-medium">
          <bdi className="truncate">{token.token_name}</bdi>
          <code className="font-mono text-sm font-normal text-faint">{token.prefix}…</code>
          {expired && <Badge tone="danger">Expired</Badge>}
        </p>
        <p className="text-sm text-muted">{scopeWords(token.scopes)}</p>
        <p className="text-sm text-muted">
          {token.last_used === null ? (
            "Never used"
          ) : (
            <>
              Last used <RelativeTime at={token.last_used} />
            </>
          )}{" "}
          · {expired ? "ended" : "ends"} <RelativeTime at={token.expires_at} />
          {token.creator !== null && (
            <>
              {" "}
              · made by <bdi>{token.creator.name}</bdi>
            </>
          )}
        </p>
        {token.creator?.active === false && !expired && (
          <p className="text-sm text-warning">
            Whoever made it is not active here any more. Revoke it if they may have kept its key.
          </p>
        )}
      </div>
      <Button size="sm" onClick={() => setRevoking(true)} aria-label={`Revoke ${token.token_name}`}>
        Revoke
      </Button>
      {revoking && (
        <ConfirmDialog
          title={`Revoke ${token.token_name}?`}
          action="Revoke"
          onConfirm={revoke}
          onClose={() => setRevoking(false)}
        >
          Whatever uses this token is refused from now on. This can't be undone.
        </ConfirmDialog>
      )}
    </li>
  );
}
