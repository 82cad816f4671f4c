import { describe, expect, it } from "vitest";
import { problem } from "../../src/contract/common.ts";
import { getTestApp } from "../support/app.ts";

const { owner } = await getTestApp();

describe("what must not be called from here", () => {
  it.each([
    "https://127.1/v1",
    "https://0/v1",
    "https://0x7f.1/v1",
    "https://2130706433/v1",
    "https://017700000001/v1",
    "https://[::1]/v1",
    "https://[::]/v1",
    "https://[::ffff:7f00:1]/v1",
    "https://[::ffff:a9fe:a9fe]/v1",
    "https://[64:ff9b::7f00:1]/v1",
    "https://[fe80::1]/v1",
    "https://[fd00::1]/v1",
    "https://169.254.169.254/latest/meta-data",
    "https://metadata.google.internal/v1",
    "https://localhost./v1",
    "http://a@127.0.0.1/v1",
    "https://127。0。0。1/v1",
    "https://api.example.com:22/v1",
    "file:///etc/passwd",
    "gopher://api.example.com/v1",
  ])("is no address of a provider: %s", async (base_url) => {
    const body = { provider: "openai-compat", base_url, api_key: "sk-hardening" };
    const made = await owner.request("/api/v2/chats/providers", { method: "POST", body });
    expect(made.status).toBe(400);
    expect(problem.parse(await made.json()).title).toBe("This address cannot be used.");
  });

  it("nor becomes one by a change", async () => {
    const body = { provider: "anthropic", api_key: "sk-hardening" };
    const { id } = await (
      await owner.request("/api/v2/chats/providers", { method: "POST", body })
    ).json<{ id: string }>();
    const change = { method: "PATCH", body: { base_url: "https://169.254.169.254/" } };
    expect((await owner.request(`/api/v2/chats/providers/${id}`, change)).status).toBe(400);
  });
});
