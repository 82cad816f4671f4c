import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { tokensQuery } from "../../api/account-queries.ts";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/card.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { CreateTokenDialog } from "../tokens/create-token-dialog.tsx";
import { TokenList } from "../tokens/token-list.tsx";

export function Tokens(): ReactNode {
  const tokens = useQuery(tokensQuery("me"));
  const [creating, setCreating] = useState(false);
  const add = (
    <Button size="sm" onClick={() => setCreating(true)}>
      <Plus size={14} aria-hidden />
      New token
    </Button>
  );
  return (
    <Section
      title="API tokens"
      description="Keys for scripts. Each acts in your name, so give every script its own, with an end and no more than it needs."
      actions={add}
    >
      {tokens.isPending ? (
        <Skeleton className="h-28 rounded-lg" />
      ) : tokens.data === undefined ? (
        <ErrorState error={tokens.error} doing="load your tokens" onRetry={() => void tokens.refetch()} />
      ) : tokens.data.length === 0 ? (
        <EmptyState icon={<KeyRound size={24} aria-hidden />} title="No tokens yet">
          Send one as <code className="font-mono text-sm">Authorization: Bearer …</code>; what there is to call stands
          in the{" "}
          <a href="/api/docs" className="text-accent underline underline-offset-2">
            API documentation
          </a>
          .
        </EmptyState>
      ) : (
        <TokenList user="me" tokens={tokens.data} />
      )}
      {creating && <CreateTokenDialog user="me" title="New API token" onClose={() => setCreating(false)} />}
    </Section>
  );
}
