import { expect, it } from "vitest";
import { getTestApp } from "../support/app.ts";

it("answers a sidebar that says goodbye, so that it need not wait for the end of a lost connection", async () => {
  const { owner } = await getTestApp();
  const { webSocket } = await owner.request("/api/v2/chats/watch", { headers: { upgrade: "websocket" } });
  if (webSocket === null) throw new Error("The upgrade has no socket");
  const closed = new Promise((resolve) => webSocket.addEventListener("close", ({ code }) => resolve(code)));
  webSocket.accept();
  webSocket.close(1000, "leaving");
  expect(await closed).toBe(1000);
});
