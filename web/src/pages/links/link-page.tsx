import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { accountLinkQuery } from "../../api/account-queries.ts";
import { AuthPage } from "../../shell/auth-page.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { AcceptInvite } from "./accept-invite.tsx";
import { DeadLink, isDead } from "./dead-link.tsx";
import { ResetPassword } from "./reset-password.tsx";

/** Where a link leads that works once. Its secret stands behind the #, which no server and no log sees. */
export function LinkPage(): ReactNode {
  const token = useLocation({ select: ({ hash }) => hash });
  // Every link is a page of its own: pasting another one begins anew.
  return token === "" ? <DeadLink /> : <OpenLink key={token} token={token} />;
}

function OpenLink({ token }: { token: string }): ReactNode {
  const link = useQuery({ ...accountLinkQuery(token), refetchOnWindowFocus: false });
  if (link.isPending) {
    return (
      <AuthPage title="Opening your link…">
        <div aria-busy role="status" aria-label="Loading" className="flex flex-col gap-4">
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </div>
      </AuthPage>
    );
  }
  if (link.data === undefined) {
    if (isDead(link.error)) return <DeadLink />;
    return (
      <AuthPage title="Your link could not be opened">
        <ErrorState error={link.error} doing="open the link" onRetry={() => void link.refetch()} />
      </AuthPage>
    );
  }
  return link.data.kind === "invite" ? (
    <AcceptInvite token={token} link={link.data} />
  ) : (
    <ResetPassword token={token} link={link.data} />
  );
}
