import type { ReactNode } from "react";
import { createModelConfigRequest, modelConfig, updateModelConfigRequest } from "../../../../src/contract/models.ts";
import type { ModelConfig, Provider } from "../../../../src/contract/models.ts";
import { patch, post } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { Select } from "../../ui/select.tsx";
import { Switch } from "../../ui/switch.tsx";
import { useRefreshModels } from "../providers/refresh.ts";
import { CallOptionFields } from "./call-option-fields.tsx";
import type { OptionKey } from "./call-options.ts";
import { ListPrices } from "./list-prices.tsx";
import { initialModelForm, modelFieldOf, modelRequestBody, PRICE_FIELDS, priceFields } from "./model-form.ts";
import type { ModelFormValues } from "./model-form.ts";

interface ModelDialogProps {
  /** Absent: a new model. */
  model?: ModelConfig;
  providers: readonly Provider[];
  onClose: () => void;
}

export function ModelDialog({ model, providers, onClose }: ModelDialogProps): ReactNode {
  const refresh = useRefreshModels();
  const form = useForm({
    initial: initialModelForm(model, providers[0]?.provider ?? ""),
    parse: (values) => parseModel(values, model),
    fieldOf: modelFieldOf,
    async submit(request) {
      if (model === undefined) await post("/chats/model-configs", request, modelConfig);
      else await patch(`/chats/model-configs/${model.id}`, request, modelConfig);
      await refresh();
      onClose();
    },
  });
  const { values, errors, set } = form;
  const isOpenAi = values.provider === "openai";
  // Not everybody counts these apart. What a model has is shown, whoever it is of.
  const tellsHoursApart = values.provider === "anthropic" || values.cache_write_1h_price !== "";
  const countsSearches = values.provider === "anthropic" || isOpenAi || values.web_search_price !== "";

  function text(name: TextField, label: string, more: Omit<TextProps, "name" | "label"> = {}): ReactNode {
    const { hint, optional, className, ...input } = more;
    return (
      <Field
        label={label}
        hint={hint}
        optional={optional}
        error={errors[name] && (plainErrors[name] ?? errors[name])}
        className={className}
      >
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            spellCheck={false}
            {...input}
            value={values[name]}
            onChange={(event) => set(name, event.target.value)}
          />
        )}
      </Field>
    );
  }

  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={model === undefined ? "Add a model" : `Change ${model.display_name}`}
    >
      <form {...form.props} className="flex flex-col gap-5">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Provider" error={errors.provider}>
            {(control) => (
              <Select
                {...control}
                value={values.provider}
                disabled={model !== undefined}
                onValueChange={(value) => set("provider", value)}
                options={providers
                  .filter((provider) => provider.implemented)
                  .map((provider) => ({ value: provider.provider, label: provider.display_name }))}
              />
            )}
          </Field>
          {text("model", "Model", {
            hint: "Its name at the provider.",
            placeholder: placeholders[values.provider] ?? "",
            className: "[&_input]:font-mono",
            autoFocus: model === undefined,
          })}
          {text("display_name", "Name in lists", { optional: true, placeholder: values.model })}
          {text("context_limit", "Context limit", { hint: "Tokens that fit into one call.", inputMode: "numeric" })}
          {text("compression_threshold", "Summarise at", {
            hint: "Percent of the context. 100 is never.",
            inputMode: "numeric",
          })}
          {text("max_output_tokens", "Longest answer", {
            optional: true,
            hint: "Tokens of output in one call.",
            inputMode: "numeric",
          })}
          {isOpenAi && (
            <Field label="API" hint="Responses is the newer one." error={undefined}>
              {(control) => (
                <Select
                  {...control}
                  value={values.api}
                  onValueChange={(value) => set("api", value)}
                  options={[
                    { value: "responses", label: "Responses" },
                    { value: "chat", label: "Chat Completions" },
                  ]}
                />
              )}
            </Field>
          )}
        </div>
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-1 font-medium">Prices, in US dollars per million tokens</legend>
          <p className="text-sm text-faint">
            Leave empty what you don't know: costs then say that they are incomplete. 0 means free.
          </p>
          <ListPrices
            provider={values.provider}
            model={values.model}
            typed={values}
            onUse={(prices) => {
              const fields = priceFields(prices);
              for (const name of PRICE_FIELDS) set(name, fields[name]);
            }}
          />
          <div className="grid grid-cols-2 items-end gap-4 sm:grid-cols-4">
            {text("input_price", "Input", { inputMode: "decimal", placeholder: "3" })}
            {text("output_price", "Output", { inputMode: "decimal", placeholder: "15" })}
            {text("cache_read_price", "Cache read", { inputMode: "decimal", placeholder: "0.3" })}
            {text("cache_write_price", "Cache write", { inputMode: "decimal", placeholder: "3.75" })}
          </div>
          {(tellsHoursApart || countsSearches) && (
            <div className="grid grid-cols-2 items-start gap-4">
              {tellsHoursApart &&
                text("cache_write_1h_price", "Cache write for an hour", {
                  hint: "Empty: as other cache writes.",
                  inputMode: "decimal",
                  placeholder: "6",
                })}
              {countsSearches &&
                text("web_search_price", "Web search", {
                  hint: "US dollars per thousand searches.",
                  inputMode: "decimal",
                  placeholder: "10",
                })}
            </div>
          )}
        </fieldset>
        <CallOptionFields provider={values.provider} values={values} errors={errors} onChange={set} />
        {model?.is_default !== true && (
          <div className="flex items-center justify-between gap-4 rounded-lg border border-line px-4 py-3">
            <div>
              <p className="font-medium">The default</p>
              <p className="text-sm text-muted">New chats begin with it.</p>
            </div>
            <Switch
              label="The default"
              checked={values.is_default}
              onCheckedChange={(checked) => set("is_default", checked)}
            />
          </div>
        )}
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {model === undefined ? "Add model" : "Save"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type TextField = Exclude<keyof ModelFormValues, "is_default" | "provider" | "api" | OptionKey>;
interface TextProps {
  name: TextField;
  label: string;
  hint?: string;
  optional?: boolean;
  placeholder?: string;
  className?: string;
  autoFocus?: boolean;
  inputMode?: "numeric" | "decimal";
}

/** What a schema says of a number is for programmers. */
const plainErrors: Partial<Record<TextField, string>> = {
  model: "Give the model's name at the provider.",
  context_limit: "Give a whole number of tokens, such as 200000.",
  compression_threshold: "Give a whole number from 0 to 100.",
  max_output_tokens: "Give a whole number of tokens, or leave it empty.",
  input_price: "Give a price such as 0.25, or leave it empty.",
  output_price: "Give a price such as 0.25, or leave it empty.",
  cache_read_price: "Give a price such as 0.25, or leave it empty.",
  cache_write_price: "Give a price such as 0.25, or leave it empty.",
  cache_write_1h_price: "Give a price such as 0.25, or leave it empty.",
  web_search_price: "Give a price such as 10, or leave it empty.",
};

const placeholders: Partial<Record<string, string>> = {
  anthropic: "claude-sonnet-4-5",
  openai: "gpt-5.1",
  "openai-compat": "qwen3-coder:30b",
};

function parseModel(values: ModelFormValues, model: ModelConfig | undefined) {
  const body = modelRequestBody(values, model);
  return model === undefined ? createModelConfigRequest.safeParse(body) : updateModelConfigRequest.safeParse(body);
}
