import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Button } from "../../ui/button.tsx";

interface NextPageProps {
  list: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    fetchNextPage: () => Promise<unknown>;
  };
}

/** So far below what is seen the next page is asked for: it is there when it is reached. */
const AHEAD = "400px";

/** The end of what is here: reads on when it comes near, or when it is pressed. */
export function NextPage({ list }: NextPageProps): ReactNode {
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;
  // After a failure the person decides when to try again.
  const reads = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;

  useEffect(() => {
    if (!reads || end.current === null) return;
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) void fetchNextPage();
      },
      { rootMargin: AHEAD },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [reads, fetchNextPage]);

  if (!hasNextPage) return <p className="text-sm text-faint">This is the beginning of the log.</p>;
  return (
    <div ref={end} className="flex items-center gap-3">
      <Button size="sm" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {isFetchNextPageError ? "Try again" : "Show more"}
      </Button>
      {isFetchNextPageError && <p className="text-sm text-danger">The older entries could not be loaded.</p>}
    </div>
  );
}
