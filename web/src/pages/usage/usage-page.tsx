import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { useNow } from "../../ui/relative-time.tsx";
import { LimitMeter } from "../../usage/limit-meter.tsx";
import type { LeadTo } from "./lead-to.ts";
import { PersonFigures } from "./person-figures.tsx";
import { RangeFields } from "./range-fields.tsx";
import { UsageFiles } from "./usage-files.tsx";
import { usageRange } from "./usage-search.ts";

/** What the reader's own model calls cost and used. */
export function UsagePage(): ReactNode {
  const search = useSearch({ from: "/app/settings/usage" });
  const navigate = useNavigate({ from: "/settings/usage" });
  const range = usageRange(search, useNow());
  const { model, chat } = search;
  const question = { user: "me", model, chat, from: range.from, to: range.to };
  const leadTo: LeadTo = (part, children) => (
    <Link
      to="/settings/usage"
      search={{ ...search, ...part }}
      className="block truncate hover:text-accent hover:underline"
    >
      {children}
    </Link>
  );
  return (
    <SettingsPage
      title="Usage"
      lead="What your model calls cost, and the tokens they used."
      wide
      actions={<UsageFiles question={question} />}
    >
      <div className="flex min-w-0 flex-col gap-8">
        <RangeFields
          search={search}
          range={range}
          onChange={(part) => void navigate({ search: { ...search, ...part }, replace: true })}
        />
        {model === undefined && chat === undefined && <LimitMeter />}
        <PersonFigures key={`${model} ${chat}`} question={question} when={range.words} isOwn leadTo={leadTo} />
      </div>
    </SettingsPage>
  );
}
