import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import { toast } from "sonner";
import type { UnpricedModel } from "../../../../src/contract/usage.ts";
import { UNPRICED_MODELS_KEY } from "../../api/price-queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { formatMicros } from "../../ui/money.ts";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { Switch } from "../../ui/switch.tsx";
import { callCount } from "./model-words.ts";
import { reprice, type Repriced } from "./reprice.ts";

interface PastUsageDialogProps {
  model: UnpricedModel;
  /** From then on; the same range as the list behind it. */
  start: string;
  onClose: () => void;
}

/** Shows what would change before anything does. */
export function PastUsageDialog({ model, start, onClose }: PastUsageDialogProps): ReactNode {
  const client = useQueryClient();
  const [end] = useState(() => new Date().toISOString());
  const [all, setAll] = useState(false);
  const [busy, setBusy] = useState(false);
  const [soFar, setSoFar] = useState(0);
  const [failure, setFailure] = useState<unknown>(null);
  const options = { modelId: model.model_config_id, start, end, onlyUnpriced: !all };
  const preview = useQuery({
    queryKey: ["reprice-preview", options],
    queryFn: () => reprice({ ...options, dryRun: true }, () => undefined),
    // What it counts changes with every call that is made meanwhile.
    gcTime: 0,
  });

  async function confirm(): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      const done = await reprice({ ...options, dryRun: false }, ({ examined }) => setSoFar(examined));
      // Chats that could not be reached are told by the same request again; what is priced stays so.
      const again = done.untold === 0 ? done : await reprice({ ...options, dryRun: false }, () => undefined);
      if (again.untold > 0) toast(`${again.untold} chats could not be reached and show the old costs still.`);
      toast(`${callCount(done.changed)} of ${model.display_name} priced: ${difference(done)}`);
      onClose();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
      setSoFar(0);
      // A part of it may have been done. Whatever shows money is another figure now.
      for (const resource of [UNPRICED_MODELS_KEY, ["reprice-preview"], ["usage"], ["pull-request-insights"]]) {
        void client.invalidateQueries({ queryKey: resource });
      }
    }
  }

  return (
    <Dialog
      open
      persistent={busy}
      onOpenChange={(open) => !open && !busy && onClose()}
      title={`Price past usage of ${model.display_name}`}
      description="Past calls get the prices that the model has now, in every chat and every figure."
    >
      <div className="flex flex-col gap-4">
        <div className="flex items-center justify-between gap-4 rounded-lg border border-line px-4 py-3">
          <div>
            <p className="font-medium">Calls that have a cost, too</p>
            <p className="text-sm text-muted">Otherwise what was priced in its time stays as it is.</p>
          </div>
          <Switch label="Calls that have a cost, too" checked={all} disabled={busy} onCheckedChange={setAll} />
        </div>
        <Preview preview={preview.data} pending={preview.isPending} error={preview.error} onRetry={preview.refetch} />
        <FormFailure failure={failure} />
      </div>
      <DialogActions>
        <Button onClick={onClose} disabled={busy}>
          Cancel
        </Button>
        <Button
          variant="primary"
          busy={busy}
          disabled={preview.data === undefined || preview.data.changed === 0}
          onClick={() => void confirm()}
        >
          {soFar > 0 ? `Pricing… ${callCount(soFar)}` : "Price past usage"}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface PreviewProps {
  preview: Repriced | undefined;
  pending: boolean;
  error: unknown;
  onRetry: () => unknown;
}

function Preview({ preview, pending, error, onRetry }: PreviewProps): ReactNode {
  if (pending) {
    return (
      <div aria-busy role="status" aria-label="Counting">
        <Skeleton className="h-16 rounded-lg" />
      </div>
    );
  }
  if (preview === undefined) {
    return <ErrorState error={error} doing="count what would change" onRetry={() => void onRetry()} />;
  }
  if (preview.changed === 0) {
    return (
      <p role="status" className="text-muted">
        Nothing would change:{" "}
        {preview.examined === 0 ? "there are no such calls." : "every call has this price already."}
      </p>
    );
  }
  return (
    <div role="status" className="flex flex-col gap-1">
      <p>
        <span className="tabular font-semibold">{callCount(preview.changed)}</span> will change.
      </p>
      <p className="tabular text-xl font-semibold">{difference(preview)}</p>
    </div>
  );
}

/** "$0.00 → $1.20"; where nothing had a price before, that is said. */
function difference({ changed, newlyPriced, costBeforeMicros, costAfterMicros }: Repriced): string {
  const before = newlyPriced === changed ? formatMicros(null) : formatMicros(costBeforeMicros);
  return `${before} → ${formatMicros(costAfterMicros)}`;
}
