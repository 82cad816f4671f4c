import { describe, expect, it } from "vitest";
import { getTestApp } from "../support/app.ts";

describe("the app", () => {
  it("says that it is healthy", async () => {
    const { anonymous } = await getTestApp();
    const response = await anonymous("/healthz");
    expect(await response.json()).toMatchObject({ ok: true });
    expect(response.status).toBe(200);
  });
});
