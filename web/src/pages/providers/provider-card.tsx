import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { provider as providerSchema, testProviderResponse } from "../../../../src/contract/models.ts";
import type { Provider } from "../../../../src/contract/models.ts";
import { patch, post, send } from "../../api/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Switch } from "../../ui/switch.tsx";
import { failed } from "../../ui/toaster.tsx";
import { ProviderDialog } from "./provider-dialog.tsx";
import { useRefreshModels } from "./refresh.ts";
import { TestResult } from "./test-result.tsx";

export function ProviderCard({ provider }: { provider: Provider }): ReactNode {
  const refresh = useRefreshModels();
  const [asking, setAsking] = useState<"edit" | "remove" | null>(null);
  const own = provider.source === "database";
  const ready = provider.source !== "supported";
  const name = provider.display_name;

  const toggle = useMutation({
    mutationFn: (enabled: boolean) => patch(`/chats/providers/${provider.id}`, { enabled }, providerSchema),
    onSettled: refresh,
    onError: (error) => failed(`switch ${name}`, error),
  });
  const test = useMutation({
    // A preset has no row: it goes by its name.
    mutationFn: (model: string | undefined) =>
      post(`/chats/providers/${own ? provider.id : provider.provider}/test`, { model }, testProviderResponse),
  });

  async function remove(): Promise<void> {
    await send("DELETE", `/chats/providers/${provider.id}`);
    await refresh();
  }

  return (
    <li className="rounded-lg border border-line bg-overlay" data-testid={`provider-${provider.provider}`}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3.5">
        <div className="min-w-0 flex-1 basis-60">
          <div className="flex flex-wrap items-center gap-2">
            <h3 className="text-md font-semibold">{name}</h3>
            <SourceBadge provider={provider} />
          </div>
          <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-sm text-muted">
            {ready ? (
              <>
                <span className="inline-flex items-center gap-1.5">
                  <KeyRound size={14} className={provider.has_api_key ? "text-success" : "text-faint"} aria-hidden />
                  {provider.has_api_key ? "Key saved" : "No key"}
                </span>
                <span className="min-w-0 truncate font-mono">
                  {provider.base_url === "" ? <span className="font-sans">Usual address</span> : provider.base_url}
                </span>
              </>
            ) : (
              "Not set up"
            )}
          </p>
        </div>
        <div className="flex items-center gap-2">
          {ready && provider.enabled && (
            <Button size="sm" busy={test.isPending} onClick={() => test.mutate(undefined)}>
              Test
            </Button>
          )}
          {provider.source !== "env_preset" && (
            <Button size="sm" onClick={() => setAsking("edit")}>
              {ready ? "Change" : "Set up"}
            </Button>
          )}
          {own && (
            <Switch
              label={`${name} is on`}
              checked={toggle.isPending ? toggle.variables : provider.enabled}
              onCheckedChange={(enabled) => toggle.mutate(enabled)}
            />
          )}
        </div>
      </div>
      <TestResult
        pending={test.isPending}
        result={test.data}
        error={test.error}
        name={name}
        onModel={(model) => test.mutate(model)}
      />
      {asking === "edit" && (
        <ProviderDialog provider={provider} onClose={() => setAsking(null)} onRemove={() => setAsking("remove")} />
      )}
      {asking === "remove" && (
        <ConfirmDialog title={`Remove ${name}?`} action="Remove" onConfirm={remove} onClose={() => setAsking(null)}>
          Its key is forgotten and its models can no longer be picked. Chats that used them keep everything that was
          said, and go on with another model. To pause it instead, switch it off.
        </ConfirmDialog>
      )}
    </li>
  );
}

function SourceBadge({ provider }: { provider: Provider }): ReactNode {
  if (provider.source === "env_preset") return <Badge tone="accent">From the environment</Badge>;
  if (provider.source === "database" && !provider.enabled) return <Badge>Off</Badge>;
  return null;
}
