import { z } from "zod";
import { json, type Json } from "../contract/common.ts";

/** A tool as the engine knows it: what the model is told, and how a call of it is treated. */
export interface Tool {
  name: string;
  description: string;
  /** JSON Schema of the parameters. */
  parameters: Json;
  /** Whether the arguments fit, in words for the model; null = they do. */
  problemWith(args: Json): string | null;
  /**
   * Whether a call may change something. When it cannot be known whether such a call ran, it is not
   * run again; one that only reads is.
   */
  changes: boolean;
  /** Who runs it: the workspace's agent, or the chat itself. */
  runsIn: "workspace" | "chat";
  /** How long after its dispatch a result is awaited, in milliseconds. */
  patienceMs(args: Json): number;
}

interface ToolDescription<Schema extends z.ZodType> {
  name: string;
  description: string;
  params: Schema;
  changes: boolean;
  runsIn?: "workspace" | "chat";
  patienceMs?: (args: z.output<Schema>) => number;
}

// Reading and writing files takes milliseconds; a minute covers a disk that was asleep.
const DEFAULT_PATIENCE_MS = 60_000;

export function defineTool<Schema extends z.ZodType>(tool: ToolDescription<Schema>): Tool {
  return {
    name: tool.name,
    description: tool.description,
    parameters: json.parse(z.toJSONSchema(tool.params, { io: "input" })),
    problemWith(args) {
      const parsed = tool.params.safeParse(args);
      return parsed.success ? null : z.prettifyError(parsed.error);
    },
    changes: tool.changes,
    runsIn: tool.runsIn ?? "workspace",
    patienceMs(args) {
      const parsed = tool.params.safeParse(args);
      return parsed.success && tool.patienceMs !== undefined ? tool.patienceMs(parsed.data) : DEFAULT_PATIENCE_MS;
    },
  };
}
