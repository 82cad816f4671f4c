import type { PullRequestStatus } from "./provider.ts";

/** What one review says; the later has the higher id. */
export interface ReviewVerdict {
  id: number;
  login: string;
  verdict: "approved" | "changes_requested" | "dismissed";
}

/** What the reviews come to: the last word of each counts, and one who asks for changes outweighs all approvals. */
export function weighReviews(
  reviews: readonly ReviewVerdict[],
): Pick<PullRequestStatus, "approved" | "changesRequested" | "reviewerCount"> {
  const last = new Map<string, ReviewVerdict>();
  for (const review of reviews) {
    const login = review.login.toLowerCase();
    const known = last.get(login);
    if (known === undefined || known.id < review.id) last.set(login, review);
  }
  const verdicts = [...last.values()].map(({ verdict }) => verdict);
  const changesRequested = verdicts.includes("changes_requested");
  return {
    approved: verdicts.includes("approved") && !changesRequested,
    changesRequested,
    reviewerCount: verdicts.length,
  };
}

/** What is said of reviews that may not be seen. */
export const unseenReviews = { approved: null, changesRequested: false, reviewerCount: null };
