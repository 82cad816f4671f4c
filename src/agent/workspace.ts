import type { AllowedRoots } from "./paths.ts";
import type { PathOrder } from "./path-order.ts";
import type { Processes } from "./processes.ts";

/** What the tools of this agent work on. */
export interface Workspace {
  roots: AllowedRoots;
  order: PathOrder;
  processes: Processes;
}
