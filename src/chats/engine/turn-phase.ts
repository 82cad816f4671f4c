/**
 * Where the turn stands. Written in the same transaction as what it speaks of, so that whoever wakes
 * next knows what is due.
 *
 * - `idle`: nothing to do.
 * - `pending`: a step is due and has not begun.
 * - `streaming`: a model call is open. Without one in this instance's memory it was lost.
 * - `compacting`: a model call that summarises is open. As `streaming`, it is lost with its instance.
 * - `waiting_tools`: the answer is stored, its calls are out. Nothing is held in memory.
 * - `backoff`: a model call failed and is tried again at `retry_at`.
 * - `interrupting`: stopped by a person; waits until the workspace has taken its cancels.
 */
export type Phase = "idle" | "pending" | "streaming" | "compacting" | "waiting_tools" | "backoff" | "interrupting";
