import type { ReactNode } from "react";
import type { CostSummary } from "../../../../src/contract/usage.ts";
import { counted } from "../../shell/names.ts";
import { Card } from "../../ui/card.tsx";
import { formatCount, formatMicros, formatTokens } from "../../ui/money.ts";
import { costWords } from "../../usage/cost-amount.tsx";

/** The six figures that everything below is about. */
export function UsageCards({ summary }: { summary: CostSummary }): ReactNode {
  const { total_cost_micros: micros, unpriced_call_count: unpriced, estimated_cost_micros: estimated } = summary;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3">
      <Figure name="Cost" value={<Cost words={costWords({ micros, unpriced, estimated })} />}>
        {unpriced > 0
          ? "of priced calls"
          : estimated > 0
            ? `${formatMicros(estimated)} of it estimated`
            : "all calls priced"}
      </Figure>
      <TokenFigure name="Input" count={summary.total_input_tokens} />
      <TokenFigure name="Output" count={summary.total_output_tokens} />
      <TokenFigure name="Cache read" count={summary.total_cache_read_tokens} />
      <TokenFigure name="Cache write" count={summary.total_cache_creation_tokens} />
      <Figure name="Messages" value={formatCount(summary.message_count)}>
        in {counted(summary.chat_count, "chat")}
      </Figure>
    </dl>
  );
}

/** The amount is what is read first. */
function Cost({ words }: { words: string }): ReactNode {
  const [, about = "", amount] = /^(about )?(.*)$/.exec(words) ?? [];
  return (
    <>
      {about !== "" && <span className="text-base font-normal text-muted">{about}</span>}
      {amount}
    </>
  );
}

function TokenFigure({ name, count }: { name: string; count: number }): ReactNode {
  const short = formatTokens(count);
  return (
    <Figure name={name} value={short}>
      {count < 10_000 ? "tokens" : `${formatCount(count)} tokens`}
    </Figure>
  );
}

function Figure({ name, value, children }: { name: string; value: ReactNode; children: ReactNode }): ReactNode {
  return (
    <Card className="flex min-w-0 flex-col gap-1 px-4 py-3.5 sm:px-5">
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="tabular">
        <span className="block text-xl font-semibold tracking-[-0.02em]" data-testid={`usage-${name}`}>
          {value}
        </span>
        <span className="block truncate text-sm text-muted">{children}</span>
      </dd>
    </Card>
  );
}
