import type { z } from "zod";
import type { Workspace } from "../workspace.ts";

export interface ToolContext {
  workspace: Workspace;
  /** Aborted, with a CallEnded as its reason, when the call is cancelled or the agent stops. */
  signal: AbortSignal;
  /** Shows live output to the people who watch. */
  show(text: string): void;
  /** What git says of this folder, absolute, may be something else from now on. Waits for nothing. */
  touched(folder: string): void;
}

/** A tool checks its arguments with `params`; what `run` answers or throws becomes the call's result. */
export interface Tool<Params = unknown> {
  params: z.ZodType<Params>;
  /** Called in the order of the calls; file tools take their place in the path order before they first wait. */
  run(params: Params, context: ToolContext): Promise<object>;
}

/** The call was ended from outside. What it leaves behind, `result`, goes to the model as an error. */
export class CallEnded extends Error {
  override readonly name = "CallEnded";
  readonly why: "cancelled" | "stopped";
  readonly result: object;

  constructor(why: "cancelled" | "stopped", result?: object) {
    const message = why === "cancelled" ? "Cancelled." : "Ended, because the workspace agent was stopped.";
    super(message);
    this.why = why;
    this.result = result ?? { error: message };
  }
}
