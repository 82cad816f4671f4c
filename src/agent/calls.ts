import { json, type Json } from "../contract/common.ts";
import type { CallOutput, CallResult, CallStart, CallStarted, CallState, CallStatuses } from "../contract/workspace.ts";
import { LiveOutput } from "./live-output.ts";
import type { CallOutcome, Journal, JournalEntry } from "./journal.ts";
import { say, wordsOf } from "./say.ts";
import { ToolError } from "./tool-error.ts";
import { runTool } from "./tools/catalogue.ts";
import { CallEnded, type ToolContext } from "./tools/tool.ts";
import type { Workspace } from "./workspace.ts";

const GATHER_MS = 75; // Between 50 and 100 ms, as the protocol has it.
const RESEND_MS = 10_000;
const CANCEL_WAIT_MS = 4_000; // Longer than a process group is given to end, shorter than the relay waits.
const RESULT_MAX_BYTES = 512 * 1024; // Half a frame: quoting may not lift it over the frame's limit.

/** The way to the relay. Answers false when there is none just now. */
export interface Outlet {
  sendOutput(output: CallOutput): boolean;
  sendResult(result: CallResult): boolean;
  /** What git says of this folder may be something else from now on. */
  touched(call: { callId: string; replyTo: string }, folder: string): void;
}

interface RunningCall {
  callId: string;
  replyTo: string;
  live: LiveOutput;
  ending: AbortController;
  /** Resolves when the result is in the journal; never rejects. */
  ended: Promise<void>;
}

/**
 * Takes calls through the journal: each starts once, ends with one result, and that result is sent until
 * the chat confirms it.
 */
export class Calls {
  readonly #bootId: string;
  readonly #journal: Journal;
  readonly #workspace: Workspace;
  readonly #outlet: Outlet;
  /** Calls whose first line is on its way to the disk. */
  readonly #accepting = new Map<string, Promise<void>>();
  readonly #running = new Map<string, RunningCall>();
  readonly #sentAt = new Map<string, number>();
  readonly #timers: NodeJS.Timeout[];
  #stopping = false;

  constructor(bootId: string, journal: Journal, workspace: Workspace, outlet: Outlet) {
    this.#bootId = bootId;
    this.#journal = journal;
    this.#workspace = workspace;
    this.#outlet = outlet;
    this.#timers = [
      setInterval(() => this.#sendOutputs(), GATHER_MS),
      setInterval(() => this.#sendResults(RESEND_MS), RESEND_MS / 10),
    ];
  }

  async start(call: CallStart): Promise<CallStarted> {
    const accepting = this.#accepting.get(call.call_id);
    if (accepting) await accepting;
    if (this.#journal.entry(call.call_id)) return this.#started(call.call_id);
    if (this.#stopping) throw new Error("The workspace agent is stopping.");

    const accepted = this.#journal.accept(call.call_id, call.reply_to);
    this.#accepting.set(call.call_id, accepted);
    try {
      await accepted;
    } finally {
      this.#accepting.delete(call.call_id);
    }
    this.#run(call);
    return { state: "accepted", boot_id: this.#bootId };
  }

  /** Answers when the call has ended, or after a while that it is still running. */
  async cancel(callId: string, replyTo: string): Promise<CallStarted> {
    await this.#accepting.get(callId)?.catch(ignoreHere);
    if (!this.#journal.entry(callId)) {
      const left = this.#journal.leaveTombstone(callId, replyTo);
      this.#accepting.set(callId, left);
      await left.finally(() => this.#accepting.delete(callId));
      return this.#started(callId);
    }
    const running = this.#running.get(callId);
    if (running) {
      running.ending.abort(new CallEnded("cancelled"));
      await endedWithin(running, CANCEL_WAIT_MS);
    }
    return this.#started(callId);
  }

  status(callIds: string[]): CallStatuses {
    const calls = callIds.map((callId) => {
      const { state, bootId } = this.#state(callId);
      return { call_id: callId, state, boot_id: bootId };
    });
    return { boot_id: this.#bootId, calls };
  }

  async acknowledge(callId: string): Promise<void> {
    this.#sentAt.delete(callId);
    await this.#journal.acknowledge(callId);
  }

  /** There is a connection again: everything unconfirmed goes out. */
  connected(): void {
    this.#sendResults(0);
  }

  /** Ends what runs, if asked to, and takes nothing new. */
  async stop(endRunning: boolean): Promise<void> {
    this.#stopping = true;
    const running = [...this.#running.values()];
    if (endRunning) {
      for (const call of running) call.ending.abort(new CallEnded("stopped"));
      await Promise.all(running.map((call) => endedWithin(call, CANCEL_WAIT_MS)));
    }
    for (const timer of this.#timers) clearInterval(timer);
  }

  #run(call: CallStart): void {
    const ending = new AbortController();
    const live = new LiveOutput();
    const running: RunningCall = {
      callId: call.call_id,
      replyTo: call.reply_to,
      live,
      ending,
      ended: this.#runToEnd(call, ending.signal, live),
    };
    this.#running.set(call.call_id, running);
  }

  async #runToEnd(call: CallStart, signal: AbortSignal, live: LiveOutput): Promise<void> {
    const whose = { callId: call.call_id, replyTo: call.reply_to };
    const context: ToolContext = {
      workspace: this.#workspace,
      signal,
      show: (text) => live.append(text),
      touched: (folder) => this.#outlet.touched(whose, folder),
    };
    const outcome = await runTool(call.tool, call.args, context).then(succeeded, failed);
    const running = this.#running.get(call.call_id);
    if (running) this.#sendOutput(running);
    try {
      await this.#journal.end(call.call_id, outcome, outcome.cancelled);
    } catch (error) {
      say(`the result of a call could not be written down: ${wordsOf(error)}`);
    }
    this.#running.delete(call.call_id);
    const entry = this.#journal.entry(call.call_id);
    if (entry) this.#sendResult(entry);
  }

  #started(callId: string): CallStarted {
    const { state, bootId } = this.#state(callId);
    return { state, boot_id: bootId ?? this.#bootId };
  }

  #state(callId: string): { state: CallState; bootId: string | null } {
    if (this.#running.has(callId)) return { state: "running", bootId: this.#bootId };
    return this.#journal.state(callId);
  }

  #sendOutputs(): void {
    for (const call of this.#running.values()) this.#sendOutput(call);
  }

  #sendOutput({ callId, replyTo, live }: RunningCall): void {
    live.sendTo((piece) => this.#outlet.sendOutput({ call_id: callId, reply_to: replyTo, ...piece }));
  }

  #sendResults(olderThanMs: number): void {
    const before = performance.now() - olderThanMs;
    for (const entry of this.#journal.unacknowledged()) {
      if ((this.#sentAt.get(entry.callId) ?? -Infinity) <= before) this.#sendResult(entry);
    }
  }

  #sendResult(entry: JournalEntry): void {
    if (!entry.result || entry.acknowledged) return;
    const sent = this.#outlet.sendResult({
      call_id: entry.callId,
      reply_to: entry.replyTo,
      boot_id: entry.bootId,
      result: entry.result.value,
      is_error: entry.result.isError,
    });
    if (sent) this.#sentAt.set(entry.callId, performance.now());
  }
}

type Ending = CallOutcome & { cancelled: boolean };

function succeeded(result: object): Ending {
  const text = JSON.stringify(result); // Leaves out what is undefined, which JSON does not know.
  if (Buffer.byteLength(text) > RESULT_MAX_BYTES) {
    return { value: { error: "It was done, but the result is too large to send." }, isError: true, cancelled: false };
  }
  return { value: parseJson(text), isError: false, cancelled: false };
}

/** Whatever a tool throws ends its own call only; what nobody foresaw is also said to the person at the agent. */
function failed(error: unknown): Ending {
  if (error instanceof CallEnded) {
    return { value: parseJson(JSON.stringify(error.result)), isError: true, cancelled: error.why === "cancelled" };
  }
  if (!(error instanceof ToolError)) say(`a tool failed: ${error instanceof Error ? error.stack : String(error)}`);
  return { value: { error: wordsOf(error) }, isError: true, cancelled: false };
}

function parseJson(text: string): Json {
  return json.parse(JSON.parse(text));
}

async function endedWithin(call: RunningCall, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.resolve(), ms);
  await Promise.race([call.ended, late.promise]);
  clearTimeout(timer);
}

function ignoreHere(): void {
  // The one who asked for the start is told; a cancel goes on as for an unknown call.
}
