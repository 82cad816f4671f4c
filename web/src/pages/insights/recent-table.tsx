import { Link } from "@tanstack/react-router";
import { CircleCheck, MessageCircleWarning } from "lucide-react";
import type { ReactNode } from "react";
import type { InsightPullRequest } from "../../../../src/contract/insights.ts";
import { PullRequestIcon } from "../../git/pull-request-icon.tsx";
import { lookOf, lookWords, type PullRequestLook } from "../../git/pull-request-mark.ts";
import { safeHref } from "../../chat/safe-href.ts";
import { cx } from "../../ui/cx.ts";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { CostAmount } from "../../usage/cost-amount.tsx";
import { cell, FiguresTable, numberCell } from "./figures-table.tsx";

/** The newest pull requests, each with where it stands and what it cost. */
export function RecentTable({ pullRequests }: { pullRequests: readonly InsightPullRequest[] }): ReactNode {
  return (
    <FiguresTable
      label="Recent pull requests"
      columns={[
        { name: "Title" },
        { name: "Status", width: "w-13 sm:w-36" },
        { name: "Cost", width: "w-18 sm:w-24", number: true },
        { name: "Created", width: "w-16 sm:w-32", number: true },
      ]}
    >
      {pullRequests.map((each) => (
        <tr key={each.chat_id}>
          <th scope="row" className={cx(cell, "font-normal")}>
            <Title of={each} />
          </th>
          <td className={cell}>
            <Standing of={each} />
          </td>
          <td className={numberCell}>
            <CostAmount micros={each.cost_micros} unpriced={each.unpriced_call_count} />
          </td>
          <td className={cx(numberCell, "text-muted")}>
            <span className="sm:hidden">
              <RelativeTime at={each.created_at} short />
            </span>
            <span className="hidden sm:inline">
              <RelativeTime at={each.created_at} />
            </span>
          </td>
        </tr>
      ))}
    </FiguresTable>
  );
}

/** Whatever is in a title stays in its cell: it is cut, and what turns text about ends with it. */
export function Title({
  of: { pr_title, pr_url, pr_number, repository, chat_id, chat_readable },
}: PartProps): ReactNode {
  const address = safeHref(pr_url);
  const title = pr_title === "" ? "Untitled pull request" : pr_title;
  // Without the host, which is the same nearly everywhere.
  const place = repository?.split("/").slice(1).join("/") ?? "";
  return (
    <span className="flex min-w-0 flex-col">
      {address === null ? (
        <span className="line-clamp-2 break-words sm:line-clamp-1" title={title}>
          <bdi>{title}</bdi>
        </span>
      ) : (
        <a
          href={address}
          target="_blank"
          rel="noopener noreferrer"
          title={title}
          className="line-clamp-2 break-words hover:text-accent hover:underline sm:line-clamp-1"
        >
          <bdi>{title}</bdi>
        </a>
      )}
      <span className="flex min-w-0 gap-2 text-xs text-muted">
        {place !== "" && (
          <span className="hidden truncate sm:inline">
            <bdi>{place}</bdi>
          </span>
        )}
        {pr_number !== undefined && <span className="tabular shrink-0">#{pr_number}</span>}
        {chat_readable && (
          <Link
            to="/chats/$chatId"
            params={{ chatId: chat_id }}
            aria-label={`Open the chat of ${title.slice(0, 100)}`}
            className="shrink-0 hover:text-accent hover:underline"
          >
            Open chat
          </Link>
        )}
      </span>
    </span>
  );
}

interface PartProps {
  of: InsightPullRequest;
}

const badges: Record<PullRequestLook, string> = {
  open: "border-git-open/40 text-git-open",
  draft: "border-line-strong text-git-draft",
  merged: "border-git-merged/40 text-git-merged",
  closed: "border-git-closed/40 text-git-closed",
};

function Standing({ of: { state, draft, approved, changes_requested } }: PartProps): ReactNode {
  const look = lookOf(state, draft);
  const review = changes_requested ? "Changes requested" : approved === true ? "Approved" : null;
  const Mark = changes_requested ? MessageCircleWarning : CircleCheck;
  return (
    <span className="flex items-center gap-2">
      <span
        title={lookWords[look]}
        className={cx(
          "inline-flex h-6 items-center gap-1.5 rounded-sm text-xs font-medium sm:border sm:px-1.5",
          badges[look],
        )}
      >
        <PullRequestIcon look={look} size={14} />
        <span className="sr-only sm:not-sr-only">{lookWords[look]}</span>
      </span>
      {review !== null && (
        <span title={review} className={changes_requested ? "text-warning" : "text-success"}>
          <Mark size={15} aria-hidden />
          <span className="sr-only">{review}</span>
        </span>
      )}
    </span>
  );
}
