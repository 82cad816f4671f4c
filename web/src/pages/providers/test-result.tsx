import { CircleCheck, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { TestProviderResponse } from "../../../../src/contract/models.ts";
import { ApiError } from "../../api/error.ts";
import { Button } from "../../ui/button.tsx";
import { Input } from "../../ui/field.tsx";
import { errorText } from "../../ui/states.tsx";

interface TestResultProps {
  pending: boolean;
  result: TestProviderResponse | undefined;
  error: unknown;
  name: string;
  /** Asks again, with this model. */
  onModel: (model: string) => void;
}

/** What the test call brought, in words; nothing before there was one. */
export function TestResult(props: TestResultProps): ReactNode {
  if (!props.pending && props.result === undefined && !props.error) return null;
  return (
    <div role="status" className="border-t border-line px-4 py-2.5 text-sm">
      <Outcome {...props} />
    </div>
  );
}

function Outcome({ pending, result, error, name, onModel }: TestResultProps): ReactNode {
  if (pending) return <span className="animate-breathe text-muted">Asking {name} for a word…</span>;
  if (asksForModel(error)) return <ModelQuestion name={name} onModel={onModel} />;
  if (result?.ok === true && !error) {
    return (
      <p className="flex items-start gap-2.5">
        <CircleCheck size={16} className="mt-0.5 shrink-0 text-success" aria-hidden />
        <span>
          It works: {result.model} answered in <span className="tabular">{result.latency_ms}</span> ms.
        </span>
      </p>
    );
  }
  return (
    <p className="flex items-start gap-2.5 text-danger">
      <CircleX size={16} className="mt-0.5 shrink-0" aria-hidden />
      {result === undefined || error ? errorText(error) : result.message}
    </p>
  );
}

/** A provider without any model yet can't be asked before somebody says for which. */
function asksForModel(error: unknown): boolean {
  return error instanceof ApiError && error.errors.some(({ pointer }) => pointer === "/model");
}

function ModelQuestion({ name, onModel }: { name: string; onModel: (model: string) => void }): ReactNode {
  const [model, setModel] = useState("");
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (model.trim() !== "") onModel(model.trim());
      }}
    >
      <span className="text-muted">{name} has no model here yet. Which one should answer the test?</span>
      <span className="flex min-w-60 flex-1 gap-2">
        <Input
          aria-label="Model to test with"
          autoFocus
          autoComplete="off"
          spellCheck={false}
          placeholder="its name at the provider"
          compact
          className="font-mono"
          value={model}
          onChange={(event) => setModel(event.target.value)}
        />
        <Button type="submit" size="sm" disabled={model.trim() === ""}>
          Test it
        </Button>
      </span>
    </form>
  );
}
