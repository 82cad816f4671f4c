import { DurableObject } from "cloudflare:workers";
import { z } from "zod";

/** What the platform alone can do: no login, no queue, no storage, one frame to every socket per upstream chunk. */

interface BareEnv {
  UPSTREAM: string;
  ROOMS: DurableObjectNamespace<BareRoom>;
}

const chunk = z.object({ choices: z.array(z.object({ delta: z.object({ content: z.string().optional() }) })) });

export class BareRoom extends DurableObject<BareEnv> {
  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(_socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (typeof message !== "string") return;
    const response = await fetch(`${this.env.UPSTREAM}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "bench", stream: true, messages: [{ role: "user", content: message }] }),
    });
    const sockets = this.ctx.getWebSockets();
    const say = (frame: object) => {
      const text = JSON.stringify(frame);
      for (const socket of sockets) socket.send(text);
    };
    let rest = "";
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      rest += decoder.decode(bytes, { stream: true });
      const events = rest.split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        if (!event.startsWith("data: {")) continue;
        const text = chunk.parse(JSON.parse(event.slice("data: ".length))).choices[0]?.delta.content ?? "";
        if (text !== "") say({ type: "delta", text });
      }
    }
    say({ type: "done" });
  }
}

export default {
  async fetch(request, env) {
    const room = new URL(request.url).searchParams.get("room");
    if (room === null) return new Response("A bare room.");
    return env.ROOMS.getByName(room).fetch(request);
  },
} satisfies ExportedHandler<BareEnv>;
