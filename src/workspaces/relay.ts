import { z } from "zod";
import type { Json } from "../contract/common.ts";
import {
  agentHello,
  callOutput,
  callResult,
  gitBranch,
  RPC_FRAME_MAX_BYTES,
  rpcAnswer,
  type AgentHello,
  type CallOutput,
  type CallResult,
  type GitBranch,
} from "../contract/workspace.ts";

/** Why a socket of an agent was closed; the agent reads the code. */
export const AGENT_CLOSE = {
  /** The same agent has connected again. */
  replaced: { code: 4001, reason: "replaced" },
  /** Its build is not the newest one any more, or the workspace was forgotten: the token has ended, too. */
  cutOff: { code: 4401, reason: "cut off" },
  /** Nothing was heard of it for too long. */
  silent: { code: 4008, reason: "silent" },
  tooLarge: { code: 1009, reason: "frame over 1 MiB" },
  unavailable: { code: 1013, reason: "try again later" },
} as const;

/** What one text frame of an agent asks of the relay. */
export type AgentFrame =
  | { kind: "hello"; id: number | string; hello: AgentHello }
  | { kind: "request"; id: number | string; method: string }
  | { kind: "answer"; id: number | string; result?: Json; error?: string }
  | { kind: "output"; output: CallOutput }
  | { kind: "result"; result: CallResult }
  | { kind: "branch"; branch: GitBranch }
  /** A notification that this version does not know: a newer agent may send it. */
  | { kind: "unknown"; method: string }
  | { kind: "close"; code: number; reason: string };

const envelope = z.object({
  id: z.union([z.int(), z.string().max(200)]).optional(),
  method: z.string().max(100).optional(),
  params: z.unknown().optional(),
});

/** Reads one frame. Never throws: what is no frame asks to close the socket. */
export function readAgentFrame(frame: string | ArrayBuffer): AgentFrame {
  if (typeof frame !== "string") return junk("no channel is open");
  if (isLongerThan(frame, RPC_FRAME_MAX_BYTES)) return { kind: "close", ...AGENT_CLOSE.tooLarge };
  try {
    return readFrame(parseJson(frame));
  } catch (error) {
    if (error instanceof RangeError) return junk("nested too deeply"); // The stack ended on the way down.
    throw error;
  }
}

function readFrame(value: unknown): AgentFrame {
  const outer = envelope.safeParse(value);
  if (!outer.success) return junk("not a frame");
  const { id, method, params } = outer.data;

  if (method === undefined) {
    const answer = rpcAnswer.safeParse(value);
    if (!answer.success) return junk("not an answer");
    return { kind: "answer", id: answer.data.id, result: answer.data.result, error: answer.data.error?.message };
  }
  if (id !== undefined) {
    if (method !== "hello") return { kind: "request", id, method };
    const hello = agentHello.safeParse(params);
    return hello.success ? { kind: "hello", id, hello: hello.data } : junk("not a hello");
  }
  if (method === "call.output") {
    const output = callOutput.safeParse(params);
    return output.success ? { kind: "output", output: output.data } : junk("not an output");
  }
  if (method === "call.result") {
    const result = callResult.safeParse(params);
    return result.success ? { kind: "result", result: result.data } : junk("not a result");
  }
  if (method === "git.branch") {
    const branch = gitBranch.safeParse(params);
    // A name beyond all bounds is a fact of somebody's repository, not a broken agent.
    return branch.success ? { kind: "branch", branch: branch.data } : { kind: "unknown", method };
  }
  return { kind: "unknown", method };
}

/** Whether a text takes more than `bytes` bytes as UTF-8; encodes only when its length leaves a doubt. */
export function isLongerThan(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  if (text.length * 3 <= bytes) return false;
  return new TextEncoder().encode(text).byteLength > bytes;
}

function junk(reason: string): AgentFrame {
  return { kind: "close", code: 1008, reason };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON is not a frame: the caller closes the socket.
  }
}
