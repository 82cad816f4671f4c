import type { ReactNode } from "react";
import {
  createProviderRequest,
  provider as providerSchema,
  updateProviderRequest,
} from "../../../../src/contract/models.ts";
import type { Provider, ProviderName } from "../../../../src/contract/models.ts";
import { patch, post } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { toast } from "../../ui/toaster.tsx";
import { useRefreshModels } from "./refresh.ts";

const keyHints: Partial<Record<ProviderName, string>> = {
  anthropic: "From the Anthropic Console, under API keys. It begins with sk-ant-.",
  openai: "From the OpenAI platform, under API keys. It begins with sk-.",
  "openai-compat": "Whatever the server asks for; leave it empty if it asks for none.",
};
const addressHints: Partial<Record<ProviderName, string>> = {
  "openai-compat": "Where it speaks the OpenAI API, such as https://llm.example.com/v1 or http://localhost:11434/v1.",
};

interface ProviderDialogProps {
  provider: Provider;
  onClose: () => void;
  onRemove: () => void;
}

export function ProviderDialog({ provider, onClose, onRemove }: ProviderDialogProps): ReactNode {
  const refresh = useRefreshModels();
  const exists = provider.source === "database";
  const needsAddress = provider.provider === "openai-compat";

  const form = useForm({
    initial: { api_key: "", base_url: provider.base_url, display_name: exists ? provider.display_name : "" },
    parse: (values) =>
      exists
        ? // An empty key field keeps the key that is saved.
          updateProviderRequest.safeParse({ ...values, api_key: values.api_key === "" ? undefined : values.api_key })
        : createProviderRequest.safeParse({ ...values, provider: provider.provider }),
    async submit(request) {
      if (exists) await patch(`/chats/providers/${provider.id}`, request, providerSchema);
      else await post("/chats/providers", request, providerSchema);
      await refresh();
      toast.success(`${provider.display_name} saved`, { description: "Test it to be sure of the key." });
      onClose();
    },
  });

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={exists ? `Change ${provider.display_name}` : `Set up ${provider.display_name}`}
    >
      <form {...form.props} className="flex flex-col gap-4">
        <Field
          label="API key"
          optional={needsAddress}
          hint={provider.has_api_key ? "A key is saved. Leave this empty to keep it." : keyHints[provider.provider]}
          error={form.errors.api_key}
        >
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="off"
              data-1p-ignore
              data-lpignore="true"
              autoFocus
              className="font-mono"
              placeholder={provider.has_api_key ? "••••••••••••" : ""}
              value={form.values.api_key}
              onChange={(event) => form.set("api_key", event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Base address"
          optional={!needsAddress}
          hint={addressHints[provider.provider] ?? "Only for a proxy or a gateway of yours."}
          error={form.errors.base_url}
        >
          {(control) => (
            <Input
              {...control}
              type="url"
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
              placeholder={needsAddress ? "https://" : "The provider's own"}
              value={form.values.base_url}
              onChange={(event) => form.set("base_url", event.target.value)}
            />
          )}
        </Field>
        <Field label="Name in lists" optional error={form.errors.display_name}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              placeholder={provider.display_name}
              value={form.values.display_name}
              onChange={(event) => form.set("display_name", event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={form.failure} />
        <DialogActions>
          {exists && (
            <Button variant="danger-ghost" onClick={onRemove} className="mr-auto">
              Remove…
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
