import { describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { send } from "../support/app.ts";

/** The assets as they are when only the page is there: whoever asks for it is written down. */
function assets() {
  const asked: string[] = [];
  const ASSETS = {
    fetch: async (request: Request) => {
      asked.push(`${request.method} ${new URL(request.url).pathname}`);
      return new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    },
  } as unknown as Fetcher;
  return { ASSETS, asked };
}

describe("what no route serves", () => {
  it("is the app's page, whose own router reads the path", async () => {
    const { ASSETS, asked } = assets();
    for (const path of ["/", "/chats/0190a2b0-0000-7000-8000-000000000000?message=3", "/settings/prompts/"]) {
      const response = await send(createApp(), path, {}, { ASSETS });
      expect([response.status, await response.text()]).toEqual([200, "<!doctype html>"]);
    }
    expect(asked).toEqual(["GET /", "GET /", "GET /"]);
  });

  it.each(["/tideline-agent.cjs", "/assets/index-1a2b3c.js", "/favicon.ico", "/.env"])(
    "is a 404 for %s: a file that is missing",
    async (path) => {
      const { ASSETS, asked } = assets();
      const response = await send(createApp(), path, {}, { ASSETS });
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toContain("application/problem+json");
      expect(asked).toEqual([]);
    },
  );

  it.each(["/api", "//api/v2/chats", "/API/v2/chats", "/Healthz", "/healthz/"])(
    "is no page for %s, which a program meant for the API",
    async (path) => {
      const { ASSETS, asked } = assets();
      const response = await send(createApp(), `http://localhost${path}`, {}, { ASSETS });
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toContain("application/problem+json");
      expect(asked).toEqual([]);
    },
  );

  it("answers 405 to what is sent to a page", async () => {
    const response = await send(createApp(), "/login", { method: "POST" }, assets());
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});
