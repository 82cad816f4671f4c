import { useQueryClient } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import type { ExternalAuthDevice } from "../../../../src/contract/external-auth.ts";
import { externalAuthQuery } from "../../api/external-auth-queries.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { Skeleton } from "../../ui/states.tsx";
import { toast } from "../../ui/toaster.tsx";
import { useDeviceCode } from "./use-device-code.ts";
import { clockWords } from "./words.ts";

interface DeviceDialogProps {
  id: string;
  name: string;
  onClose: () => void;
}

/** Connects a service with a code that is typed in there, on this device or another. */
export function DeviceDialog({ id, name, onClose }: DeviceDialogProps): ReactNode {
  const queryClient = useQueryClient();
  const { state, again } = useDeviceCode(id, () => {
    toast.success(`${name} is connected`);
    void queryClient.invalidateQueries({ queryKey: externalAuthQuery.queryKey });
    onClose();
  });
  const isOver = state.step === "expired" || state.step === "denied" || state.step === "failed";
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Connect ${name}`}
      description={`Open ${name} on any device, and type in this code there.`}
    >
      {state.step === "asking" && (
        <div aria-busy role="status" aria-label="Asking for a code">
          <Skeleton className="h-28 rounded-lg" />
        </div>
      )}
      {state.step === "waiting" && <Waiting name={name} code={state.code} until={state.until} />}
      {state.step === "expired" && <FormFailure failure={null}>The code has ended. Ask for a new one.</FormFailure>}
      {state.step === "denied" && (
        <FormFailure failure={null}>{name} was not connected: it was cancelled there.</FormFailure>
      )}
      {state.step === "failed" && <FormFailure failure={state.error} />}
      <DialogActions>
        <Button onClick={onClose}>{isOver ? "Close" : "Cancel"}</Button>
        {isOver && (
          <Button variant="primary" onClick={again}>
            New code
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function Waiting({ name, code, until }: { name: string; code: ExternalAuthDevice; until: number }): ReactNode {
  const left = useSecondsUntil(until);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-line bg-raised px-4 py-4">
        <output aria-label="Code" className="font-mono text-2xl font-semibold tracking-[0.12em] break-all">
          {code.user_code}
        </output>
        <CopyButton text={code.user_code} label="Copy code" worded />
      </div>
      <Button asChild variant="primary" size="lg">
        <a href={code.verification_uri} target="_blank" rel="noreferrer">
          <span className="truncate">Open {new URL(code.verification_uri).host}</span>
          <ExternalLink size={16} aria-hidden />
        </a>
      </Button>
      <p className="text-sm text-muted">
        <span role="status">Waiting for you to say yes at {name}…</span> The code is good for another{" "}
        <span className="tabular">{clockWords(left)}</span>.
      </p>
      <p className="text-sm text-muted">Type it in only if you began this yourself, just now.</p>
    </div>
  );
}

function useSecondsUntil(until: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (until - now) / 1000;
}
