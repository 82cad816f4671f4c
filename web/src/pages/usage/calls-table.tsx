import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { CostSummary, LedgerEntry } from "../../../../src/contract/usage.ts";
import { usageCallsQuery, type UsageQuestion } from "../../api/usage-queries.ts";
import { duration } from "../../chat/words.ts";
import { counted } from "../../shell/names.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/card.tsx";
import { cx } from "../../ui/cx.ts";
import { exactMoment } from "../../ui/moments.ts";
import { formatMicros } from "../../ui/money.ts";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { CostAmount } from "../../usage/cost-amount.tsx";
import { cell, firstCell, numberCell, TableFrame, Runtime, Tokens, Unknown } from "./usage-table.tsx";
import { kindWords } from "./usage-words.ts";

interface CallsProps {
  question: UsageQuestion & { user: string };
  summary: CostSummary;
  /** Whether the reader may open the chat. */
  opens: boolean;
}

const moment = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** The rows of the ledger behind the figures above, newest first. */
export function Calls({ question, summary, opens }: CallsProps): ReactNode {
  const list = useInfiniteQuery(usageCallsQuery(question));
  const calls = list.data?.pages.flatMap((page) => page.calls) ?? [];
  return (
    <Section
      title="Model calls"
      description="What the figures above are made of, newest first. Deleted messages were paid for, too."
    >
      {list.isPending && <Skeleton className="h-56 rounded-lg" />}
      {list.isError && list.data === undefined && (
        <ErrorState error={list.error} doing="load the model calls" onRetry={() => void list.refetch()} />
      )}
      {list.data !== undefined && (
        <>
          <TableFrame label="Model calls">
            <CallsHead />
            <tbody className="divide-y divide-line">
              {calls.map((call) => (
                <CallRow key={`${call.chat_id}/${call.id}`} call={call} opens={opens} />
              ))}
            </tbody>
            {!list.hasNextPage && calls.length > 1 && <CallsFoot summary={summary} count={calls.length} />}
          </TableFrame>
          {list.hasNextPage && (
            <div className="flex items-center gap-3">
              <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {list.isFetchNextPageError ? "Try again" : "Show more"}
              </Button>
              {list.isFetchNextPageError && <p className="text-sm text-danger">The older calls could not be loaded.</p>}
            </div>
          )}
        </>
      )}
    </Section>
  );
}

function CallsHead(): ReactNode {
  return (
    <thead className="text-sm text-muted">
      <tr className="border-b border-line">
        <th scope="col" className={cx(cell, firstCell, "bg-surface font-medium")}>
          <span className="block w-32 sm:w-44">Call</span>
        </th>
        {["Cost", "Input", "Output", "Cache read", "Cache write", "Time"].map((name) => (
          <th key={name} scope="col" className={cx(cell, "bg-surface text-right font-medium whitespace-nowrap")}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function CallRow({ call, opens }: { call: LedgerEntry; opens: boolean }): ReactNode {
  const at = Date.parse(call.created_at);
  const name = kindWords[call.kind];
  return (
    <tr data-testid="model-call">
      <th scope="row" className={cx(cell, firstCell, "max-w-0 bg-overlay font-normal")}>
        <span className="flex min-w-0 items-center gap-1.5">
          {opens && call.kind === "message" && !call.deleted ? (
            <Link
              to="/chats/$chatId"
              params={{ chatId: call.chat_id }}
              search={{ message: call.id }}
              className="truncate hover:text-accent hover:underline"
            >
              {name}
            </Link>
          ) : (
            <span className="truncate">{name}</span>
          )}
          {call.chat_id !== call.root_chat_id && <Badge>Sub-agent</Badge>}
          {call.deleted && <Badge>Deleted</Badge>}
        </span>
        <span className="tabular block truncate text-xs text-muted">
          <time dateTime={call.created_at} title={exactMoment(at)}>
            {moment.format(at)}
          </time>
          {" · "}
          <bdi>{call.display_name}</bdi>
        </span>
      </th>
      <td className={numberCell}>
        <CallCost call={call} />
      </td>
      <td className={numberCell}>
        <Tokens count={call.input_tokens} />
      </td>
      <td className={numberCell}>
        <Tokens count={call.output_tokens} />
      </td>
      <td className={numberCell}>
        <Tokens count={call.cache_read_tokens} />
      </td>
      <td className={numberCell}>
        <Tokens count={call.cache_creation_tokens} />
      </td>
      <td className={numberCell}>{call.runtime_ms === null ? <Unknown /> : duration(call.runtime_ms)}</td>
    </tr>
  );
}

function CallCost({ call }: { call: LedgerEntry }): ReactNode {
  const cost = call.total_cost_micros;
  if (cost === null && call.input_tokens === null && call.output_tokens === null) return <Unknown />;
  if (cost === null) return <span className="text-warning">{formatMicros(null)}</span>;
  return <CostAmount micros={cost} unpriced={0} estimated={call.estimated ? cost : 0} />;
}

/** What they add up to is what stands above. */
function CallsFoot({ summary, count }: { summary: CostSummary; count: number }): ReactNode {
  return (
    <tfoot>
      <tr className="border-t border-line-strong font-medium">
        <th scope="row" className={cx(cell, firstCell, "bg-overlay font-medium whitespace-nowrap")}>
          In all <span className="font-normal text-muted">{counted(count, "call")}</span>
        </th>
        <td className={numberCell}>
          <CostAmount
            micros={summary.total_cost_micros}
            unpriced={summary.unpriced_call_count}
            estimated={summary.estimated_cost_micros}
          />
        </td>
        <td className={numberCell}>
          <Tokens count={summary.total_input_tokens} />
        </td>
        <td className={numberCell}>
          <Tokens count={summary.total_output_tokens} />
        </td>
        <td className={numberCell}>
          <Tokens count={summary.total_cache_read_tokens} />
        </td>
        <td className={numberCell}>
          <Tokens count={summary.total_cache_creation_tokens} />
        </td>
        <td className={numberCell}>
          <Runtime milliseconds={summary.total_runtime_ms} />
        </td>
      </tr>
    </tfoot>
  );
}
