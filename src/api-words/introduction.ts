import { refusals } from "./answers.ts";

const table = Object.entries(refusals)
  .map(([status, words]) => `- **${status}** ${words}`)
  .join("\n");

/** The beginning of the API description: what holds for all operations, in order of need. Markdown. */
export const introduction = `
Chats with coding agents, over HTTP, events and WebSocket.

## Begin

Make an API token under Settings → Account and send it with each request:

    curl -H "Authorization: Bearer $TIDELINE_TOKEN" "$TIDELINE/api/v2/users/me"

Begin a chat, follow it, say something more, stop it:

    curl -X POST -H "Authorization: Bearer $TIDELINE_TOKEN" -H "Content-Type: application/json" \\
      -H "Idempotency-Key: my-first-chat" -d '{"content":[{"type":"text","text":"Fix the failing test"}]}' "$TIDELINE/api/v2/chats"
    curl -N -H "Authorization: Bearer $TIDELINE_TOKEN" -H "Accept: text/event-stream" "$TIDELINE/api/v2/chats/$CHAT/stream"
    curl -X POST -H "Authorization: Bearer $TIDELINE_TOKEN" -H "Content-Type: application/json" \\
      -d '{"content":[{"type":"text","text":"And the linter"}]}' "$TIDELINE/api/v2/chats/$CHAT/messages"
    curl -X POST -H "Authorization: Bearer $TIDELINE_TOKEN" "$TIDELINE/api/v2/chats/$CHAT/interrupt"

\`GET /chats/models\` says which models there are, \`GET /workspaces\` where an agent can work: a chat without \`workspace_id\` has no place to work in. While the agent is at work, a message is queued.

## What holds everywhere

- Bodies are JSON, unless an operation says otherwise. Fields of a body that nobody knows are passed over; unknown query parameters are refused.
- Answers may gain fields. Ids are opaque text; those of messages are whole numbers that ascend within their chat. Times are RFC 3339 in UTC. Money is whole micro-dollars (1,000,000 = $1): null is not known, 0 is free.
- \`{user}\` is an id, a user name, or \`me\`; \`{organization}\` an id or a name.
- Every answer has an \`X-Request-Id\`; send one of your own to find the request in the log.

## Pages

Lists that take \`after_id\` answer \`limit\` things (50, at most 200) and, if there are more, \`Link: <…>; rel="next"\`: follow it until there is none. Messages go on with the lowest \`id\` as \`before_id\` while \`has_more\`, model calls with \`next_cursor\` as \`cursor\`, people's costs with \`offset\`. Costs come as CSV with \`format=csv\`.

## Refusals

Each is a problem (\`application/problem+json\`, RFC 9457) with the \`status\`, a \`title\` and mostly a \`detail\` for people, and in \`errors\` what is wrong where. Go by the status; titles may change.

${table}

Repeat 429, 500, 502 and 503 after \`Retry-After\`, or a few seconds where there is none; nothing else gets better by repeating. A repeat of what changes something is harmless with an \`Idempotency-Key\` where the operation takes one (new chats, messages, imports), and harmless by itself for \`PUT\`, \`DELETE\` and \`GET\`.

## Follow a chat

\`GET /chats/{chat}/stream\` sends \`ChatStreamFrame\`s: over WebSocket, or as events if you accept \`text/event-stream\`. \`hello\` comes first and names the \`epoch\`; then \`data\` with events, oldest first. A new client gets a snapshot: \`reset\`, then all it needs to know. Remember the \`seq\` of the last \`data\` frame; after a break connect with \`since\` and \`epoch\`, or with \`Last-Event-ID\`, as an \`EventSource\` does by itself, and what came after it follows, or a new snapshot where that is not kept any more. A frame whose \`prev\` is beyond your \`seq\` shows a gap: connect again.

Over WebSocket, send the text \`ping\` every 25 s (the answer is \`pong\`) and, after each 64 KiB or second in which something came, \`{"type":"ack","bytes":<all bytes so far>}\`; who does not is sent no more than a window full. \`ChatStreamSend\` sends a message without the way through HTTP; 421 in the answer asks for that way. An \`error\` frame is a problem; the socket closes after it.

\`GET /chats/watch\` is a WebSocket with a \`ChatWatchEvent\` for each change of the caller's chats.
`.trim();
