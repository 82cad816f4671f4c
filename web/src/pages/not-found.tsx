import { Link, useRouter } from "@tanstack/react-router";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { Waves } from "lucide-react";
import type { ReactNode } from "react";
import { useTitle } from "../shell/page.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorState } from "../ui/states.tsx";

export function NotFoundPage(): ReactNode {
  useTitle("Not found");
  return (
    <main className="mx-auto flex h-full max-w-lg flex-col items-start justify-center gap-4 px-6">
      <Waves size={28} className="text-faint" aria-hidden />
      <h1 className="text-xl font-semibold">There is nothing at this address</h1>
      <p className="text-muted">
        The link may be old, or it leads to something that is not shared with you. What you have is where it was.
      </p>
      <Button asChild variant="primary">
        <Link to="/">Go to a new chat</Link>
      </Button>
    </main>
  );
}

/** Instead of a page that threw. */
export function PageCrash({ error, reset }: ErrorComponentProps): ReactNode {
  useTitle("Something went wrong");
  const router = useRouter();
  function retry(): void {
    reset();
    // What failed may have been asked before the page was drawn.
    void router.invalidate();
  }
  return (
    <main className="mx-auto flex h-full max-w-xl flex-col justify-center px-6">
      <ErrorState error={error} doing="show this page" onRetry={retry} />
    </main>
  );
}
