// The peer as its own documentation builds it: `streamText`, and an answer that its chat object stores and streams.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { AIChatAgent } from "@cloudflare/ai-chat";
import { routeAgentRequest } from "agents";
import { convertToModelMessages, streamText } from "ai";

export class ChatAgent extends AIChatAgent {
  async onChatMessage(_onFinish, options) {
    const upstream = createOpenAICompatible({
      name: "bench",
      baseURL: `${this.env.UPSTREAM}/v1`,
      apiKey: "bench",
      includeUsage: true,
    });
    const result = streamText({
      model: upstream.chatModel("bench"),
      messages: await convertToModelMessages(this.messages),
      abortSignal: options?.abortSignal,
    });
    return result.toUIMessageStreamResponse();
  }
}

export default {
  async fetch(request, env) {
    return (await routeAgentRequest(request, env)) ?? new Response("There is nothing here.", { status: 404 });
  },
};
