import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError } from "../../api/error.ts";
import { AuthPage } from "../../shell/auth-page.tsx";
import { Button } from "../../ui/button.tsx";

/** Whether this error says that the link itself is no good. */
export function isDead(error: unknown): boolean {
  return error instanceof ApiError && error.status === 400 && error.errors.some(({ pointer }) => pointer === "/token");
}

/** Used, ended, taken back or cut short: the server does not say which, and what to do is the same. */
export function DeadLink(): ReactNode {
  return (
    <AuthPage
      title="This link does not work"
      lead="It was used already, has ended or is not complete. Ask whoever sent it for a new one."
    >
      <Button asChild size="lg">
        <Link to="/login">Go to sign-in</Link>
      </Button>
    </AuthPage>
  );
}
