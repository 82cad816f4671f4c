import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { rightsQuery } from "../../api/queries.ts";
import { counted } from "../../shell/names.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Notice } from "../../ui/notice.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { LimitMeter } from "../../usage/limit-meter.tsx";
import { limitConfigQuery } from "../../usage/limit-queries.ts";
import { LimitOfEverybody } from "./everybody.tsx";
import { Overrides } from "./overrides.tsx";

/** What everybody, a group or one person may spend on model calls. */
export function LimitsPage(): ReactNode {
  const rights = useQuery(rightsQuery);
  return (
    <SettingsPage
      title="Spend limits"
      lead="How much may be spent on model calls in a day, a week or a month. Who reaches their limit can read on, and send again when the next period begins."
    >
      {rights.isPending ? (
        <Skeleton className="h-48 rounded-lg" />
      ) : rights.data === undefined ? (
        <ErrorState error={rights.error} doing="load your rights" onRetry={() => void rights.refetch()} />
      ) : rights.data.manage_deployment ? (
        <Limits />
      ) : (
        <OwnersOnly />
      )}
    </SettingsPage>
  );
}

/** What limits the reader they may see; what limits others they may not. */
function OwnersOnly(): ReactNode {
  return (
    <>
      <LimitMeter />
      <EmptyState icon={<Lock size={24} aria-hidden />} title="Limits are set by the owners of this deployment">
        If yours is too low for your work, ask one of them. Everything that you have is kept, and a limit that was
        raised counts from your next message.
      </EmptyState>
    </>
  );
}

function Limits(): ReactNode {
  const limits = useQuery(limitConfigQuery);
  if (limits.isPending) return <Skeleton className="h-48 rounded-lg" />;
  if (limits.data === undefined) {
    return <ErrorState error={limits.error} doing="load the limits" onRetry={() => void limits.refetch()} />;
  }
  const { data } = limits;
  return (
    <>
      <LimitOfEverybody
        // Another admin's change begins the form anew: what was typed was typed against something else.
        key={`${data.spend_limit_micros}/${data.period}`}
        limits={data}
      />
      {data.spend_limit_micros !== null && data.unpriced_model_count > 0 && (
        <Notice tone="warning">
          {counted(data.unpriced_model_count, "model")} that people can pick{" "}
          {data.unpriced_model_count === 1 ? "has" : "have"} no prices, so what is spent with{" "}
          {data.unpriced_model_count === 1 ? "it" : "them"} counts for nothing here.{" "}
          <Link to="/settings/models" className="underline underline-offset-3">
            Open models
          </Link>
        </Notice>
      )}
      <Overrides limits={data} />
    </>
  );
}
