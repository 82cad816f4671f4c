import { z } from "zod";
import { json } from "./common.ts";
import { localRepository } from "./git.ts";

/**
 * The protocol between a workspace agent and the relay, over one WebSocket that the agent dials:
 * `GET /api/v2/workspaceagents/me/rpc` with `Authorization: Bearer <agent token>`.
 *
 * Text frames are JSON: requests `{id, method, params}`, answers `{id, result}` or `{id, error}`,
 * notifications `{method, params}`. Ids are chosen by the sender of the request. Binary frames carry
 * bytes of a channel: 4 bytes channel id, big endian, then payload.
 *
 * The relay keeps no state of calls. Everything it needs to pass a result on (`reply_to`) is echoed
 * by the agent. `ping` as a bare text frame is answered with `pong` by the platform.
 */
export const WORKSPACE_PROTOCOL_VERSION = 1;

/** First request of an agent on a connection. */
export const agentHello = z.object({
  protocol: z.int(),
  version: z.string().max(100),
  /** New at each start of the agent program: tells a restart from a reconnect. */
  boot_id: z.string().min(1).max(100),
  os: z.string().max(100),
  arch: z.string().max(100),
  hostname: z.string().max(255),
  /** Absolute path of the directory that the agent was started in. */
  directory: z.string().max(4_096),
});
export type AgentHello = z.infer<typeof agentHello>;
export const agentWelcome = z.object({ workspace_id: z.string(), agent_id: z.string() });

export const callStates = [
  /** Not in the journal: it never ran here. */
  "unknown",
  "accepted",
  "running",
  /** Finished; its result is sent until it is acknowledged. */
  "done",
  /** Finished and acknowledged. */
  "acknowledged",
  /** Cancelled before it started, or while it ran. */
  "cancelled",
  /** Accepted or running when an earlier boot of the agent ended: the outcome is not known. */
  "interrupted",
] as const;
export const callState = z.enum(callStates);
export type CallState = z.infer<typeof callState>;

/** Relay to agent, `call.start`. Starting a call again answers its state and starts nothing. */
export const callStart = z.object({
  /** `<chat id>/<message id>/<index>`: the idempotency key. */
  call_id: z.string().min(1).max(200),
  /** Opaque; comes back with output and result. */
  reply_to: z.string().max(500),
  tool: z.string(),
  args: json,
});
export type CallStart = z.infer<typeof callStart>;
export const callStarted = z.object({ state: callState, boot_id: z.string() });
export type CallStarted = z.infer<typeof callStarted>;

/** Relay to agent, `call.cancel`: kills what runs; of an unknown id it leaves a tombstone. Answer: `callStarted`. */
export const callCancel = z.object({ call_id: z.string(), reply_to: z.string() });

/** Relay to agent, `call.status`. Answer: `callStatuses`. */
export const callStatusQuery = z.object({ call_ids: z.array(z.string()).max(200) });
export const callStatuses = z.object({
  boot_id: z.string(),
  calls: z.array(z.object({ call_id: z.string(), state: callState, boot_id: z.string().nullable() })),
});
export type CallStatuses = z.infer<typeof callStatuses>;

/** Relay to agent, `call.ack`: the chat has stored the result; the agent keeps a tombstone. Answer: `{}`. */
export const callAck = z.object({ call_id: z.string() });

/** Agent to relay, notification `call.output`: live output, gathered 50 to 100 ms. */
export const callOutput = z.object({
  call_id: z.string(),
  reply_to: z.string(),
  /** Place of `text` in the whole output, in UTF-16 units. */
  offset: z.int().min(0),
  text: z.string(),
});
export type CallOutput = z.infer<typeof callOutput>;

/** Agent to relay, notification `call.result`: repeated on every connect and every 10 s until acknowledged. */
export const callResult = z.object({
  call_id: z.string(),
  reply_to: z.string(),
  boot_id: z.string(),
  result: json,
  is_error: z.boolean(),
});
export type CallResult = z.infer<typeof callResult>;

/** Relay to agent, `instructions`: the AGENTS.md files of the workspace. Answer: `agentInstructions`. */
export const agentInstructions = z.object({
  directory: z.string(),
  os: z.string(),
  files: z.array(z.object({ path: z.string(), content: z.string() })),
});
export type AgentInstructions = z.infer<typeof agentInstructions>;

/**
 * Agent to relay, notification `git.branch`: on which branch of which repository a call's work is, read from git
 * when it is not what was reported last. May come again; a repeat changes nothing.
 */
export const gitBranch = z.object({
  call_id: z.string().min(1).max(200),
  reply_to: z.string().max(500),
  /** Of the repository's working tree, absolute. */
  path: z.string().max(4_096),
  branch: z.string().min(1).max(1_000),
  /** Without credentials. */
  remote_origin: z.string().min(1).max(2_000),
});
export type GitBranch = z.infer<typeof gitBranch>;

/**
 * Relay to agent, `git.changes`: what differs from `HEAD` in the repositories that the calls of this chat touched,
 * or, when it touched none, in the one of the agent's directory. Agents of before do not know it.
 */
export const gitChangesQuery = z.object({ chat_id: z.string().min(1).max(200) });
export const gitChanges = z.object({ repositories: z.array(localRepository).max(20) });
export type GitChanges = z.infer<typeof gitChanges>;

export const rpcMethods = {
  hello: { params: agentHello, result: agentWelcome },
  "call.start": { params: callStart, result: callStarted },
  "call.cancel": { params: callCancel, result: callStarted },
  "call.status": { params: callStatusQuery, result: callStatuses },
  "call.ack": { params: callAck, result: z.object({}) },
  instructions: { params: z.object({}), result: agentInstructions },
  "git.changes": { params: gitChangesQuery, result: gitChanges },
} as const;
export type RpcMethod = keyof typeof rpcMethods;

export const rpcRequest = z.object({ id: z.union([z.int(), z.string()]), method: z.string(), params: json });
export const rpcAnswer = z.object({
  id: z.union([z.int(), z.string()]),
  result: json.optional(),
  error: z.object({ message: z.string() }).optional(),
});
export const rpcNotification = z.object({ method: z.string(), params: json });
/** One frame: told apart by `method` and `id`. */
export const rpcFrame = z.union([rpcRequest, rpcAnswer, rpcNotification]);
/** No frame is larger: the platform takes 32 MiB, a stored value at most 2 MB. */
export const RPC_FRAME_MAX_BYTES = 1024 * 1024;
