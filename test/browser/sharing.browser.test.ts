import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { user } from "../../src/contract/identity.ts";
import { startProviderServer, text, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import {
  accessibilityFaults,
  completeSetup,
  narrow,
  newPerson,
  openBrowser,
  overflow,
  screenshotEveryWay,
  wide,
  type Person,
} from "./support/person.ts";

// Ada shares, Grace looks on, each in a browser of their own. The steps stand on each other.

const QUESTION = "Survey the harbour";
const grace = { name: "Grace Hopper", username: "grace", password: "another long password" };

let tideline: OwnTideline;
let provider: ProviderServer;
let browser: Browser;
let ada: Person;
let guest: Person;
let chatPath = "";

beforeAll(async () => {
  provider = await startProviderServer();
  const env = { OPENAI_API_KEY: "sk-test-of-sharing", OPENAI_BASE_URL: provider.baseUrl };
  [tideline, browser] = await Promise.all([startOwnTideline({ env }), openBrowser()]);
  ada = await newPerson(browser, tideline.url);
  await completeSetup(ada.page, tideline.link);
  await addUser({ ...grace });
  guest = await newPerson(browser, tideline.url);
  await guest.page.goto("/login");
  await guest.page.getByLabel("User name or e-mail").fill(grace.username);
  await guest.page.getByLabel("Password").fill(grace.password);
  await guest.page.getByRole("button", { name: "Sign in" }).click();
  await guest.page.getByTestId("composer-input").waitFor();
  await guest.page.goto("/workspaces");
  provider.when(QUESTION, [
    { parts: [text("The water stands high."), { type: "hold", name: "tide" }, text(" Now it falls.")] },
  ]);
  provider.when("And at night?", [{ parts: [text("It comes back."), { type: "hold", name: "night" }] }]);
});
afterAll(async () => {
  await browser?.close();
  await provider?.close();
  await tideline?.remove();
});

describe("a shared chat", () => {
  it("comes into somebody's sidebar the moment it is shared", async () => {
    const { page } = ada;
    await page.getByTestId("composer-input").fill(QUESTION);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/chats\//);
    chatPath = new URL(page.url()).pathname;
    await page.getByText("The water stands high.").waitFor();
    expect(await guest.page.getByTestId("shared-chats").count()).toBe(0);

    await page.getByTestId("share-chat").click();
    const dialog = page.getByRole("dialog", { name: "Share this chat" });
    await dialog.getByRole("combobox", { name: "Add people or groups" }).fill("hopper");
    await dialog.getByRole("option", { name: /Grace Hopper/ }).click();
    await share(page, "Grace Hopper").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "share-dialog");
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByTestId("shared-mark").filter({ hasText: "Shared" }).waitFor();

    const row = guest.page.getByTestId("shared-chats").getByTestId("sidebar-chat");
    await row.filter({ hasText: "Ada Lovelace" }).click();
    await guest.page.waitForURL((url) => url.pathname === chatPath);
  });

  it("is watched live by a viewer, who is offered nothing that they may not do", async () => {
    const { page } = guest;
    await page.getByText("The water stands high.").waitFor();
    await page.getByTestId("read-only-foot").filter({ hasText: "Ask Ada Lovelace to let you write." }).waitFor();
    await page.getByTestId("author").filter({ hasText: "Ada Lovelace" }).waitFor();
    expect(await page.getByTestId("composer-input").count()).toBe(0);
    expect(await page.getByTestId("share-chat").count()).toBe(0);
    await page.getByTestId("chat-menu").click();
    await expect.poll(() => page.getByRole("menuitem").allInnerTexts()).toEqual(["Export as JSON", "Leave…"]);
    await page.keyboard.press("Escape");
    await ada.page.getByRole("button", { name: "Watching now: Grace Hopper" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "shared-chat-viewer");
  });

  it("lets a collaborator write, under their own name", async () => {
    await ada.page.getByTestId("share-chat").click();
    await ada.page.getByRole("combobox", { name: "Role of Grace Hopper" }).click();
    await ada.page.getByRole("option", { name: "Collaborator" }).click();
    const { page } = guest;
    await page.getByTestId("composer-input").fill("And at night?");
    await page.keyboard.press("Enter");
    await ada.page.getByRole("button", { name: "Done" }).click();
    await ada.page.getByTestId("queued-message").filter({ hasText: "Grace Hopper: And at night?" }).waitFor();
    // What waits is its writer's, and the owner's, to change.
    for (const who of [guest, ada]) {
      await who.page.getByTestId("queued-message").getByRole("button", { name: "Delete" }).waitFor();
    }
    provider.release("tide");
    await page.getByText("Now it falls.").waitFor();
    await ada.page.getByTestId("author").filter({ hasText: "Grace Hopper" }).waitFor();
    expect(await accessibilityFaults(ada.page)).toEqual([]);
    await screenshotEveryWay(ada.page, "shared-chat");
  });

  it("is gone at once when the share ends in the middle of a turn, and stays away without another try", async () => {
    const { page } = guest;
    await page.getByText("It comes back.").waitFor();
    const streams: string[] = [];
    page.on("websocket", (socket) => {
      if (socket.url().includes("/stream")) streams.push(socket.url());
    });
    await ada.page.getByTestId("share-chat").click();
    await share(ada.page, "Grace Hopper").waitFor();
    await ada.page.getByRole("button", { name: "Remove Grace Hopper" }).click();
    await page.getByRole("heading", { name: "You no longer have access to this chat" }).waitFor();
    await page.getByText("The water stands high.").waitFor({ state: "detached" });
    await page.getByTestId("shared-chats").waitFor({ state: "detached" });
    await page.waitForTimeout(2_500);
    expect(streams).toEqual([]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "access-lost");

    provider.release("night");

    // The undo brings it back, here and there.
    await ada.page.getByRole("button", { name: "Undo: share with Grace Hopper again" }).click();
    await share(ada.page, "Grace Hopper").waitFor();
    await page.getByText("The water stands high.").waitFor();
    await ada.page.getByRole("button", { name: "Done" }).click();
  });

  it("stands on a page of its own with everything that one shares", async () => {
    const { page } = ada;
    await page.goto("/settings/shared-chats");
    const given = page.getByTestId("given-share");
    await given.filter({ hasText: /grace/i }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "shared-chats");
    await given.getByRole("button", { name: /^End sharing/ }).click();
    await guest.page.getByRole("heading", { name: "You no longer have access to this chat" }).waitFor();
    await page.getByText("You share nothing yet").waitFor();
  });

  it("says plainly when sharing is turned off", async () => {
    const { page } = ada;
    await page.getByRole("switch", { name: "Chats can be shared" }).click();
    await page.getByText("Nobody sees the chats of others.").waitFor();
    await page.goto(chatPath);
    await page.getByTestId("share-chat").click();
    const dialog = page.getByRole("dialog", { name: "Share this chat" });
    await dialog.getByText("Chats can't be shared here").waitFor();
    expect(await dialog.getByRole("combobox").count()).toBe(0);
    await dialog.getByRole("button", { name: "Done" }).click();
    await call(page, "PUT", "/chats/config/sharing", { chat_sharing_enabled: true });
  });

  it("is shared by user name where the members can't be listed, and read by role with a word about the log", async () => {
    await setWorkspaceSharing("none");
    const { page } = guest;
    await page.goto("/");
    await page.getByTestId("composer-input").fill("A question of mine");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/chats\//);
    await ada.page.goto(new URL(page.url()).pathname);
    await ada.page.getByTestId("read-only-foot").filter({ hasText: "the audit log says that you did" }).waitFor();
    expect(await ada.page.getByTestId("shared-chats").count()).toBe(0);

    await page.getByTestId("share-chat").click();
    await page.getByLabel("User name").fill("nobody-of-this-name");
    await page.getByRole("dialog").getByRole("button", { name: "Share", exact: true }).click();
    await page.getByText("There is nobody of this name in the chat's organisation.").waitFor();
    await page.getByLabel("User name").fill("ada");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel("User name").press("Enter");
    await share(page, "Ada Lovelace").waitFor();
    await ada.page.getByTestId("shared-chats").getByText("Grace Hopper").waitFor();
    await ada.page.getByTestId("read-only-foot").filter({ hasText: "Ask Grace Hopper to let you write." }).waitFor();
    await page.getByRole("button", { name: "Done" }).click();
    await ada.page.goto(chatPath);
  });

  it("stands whatever people are called", async () => {
    const { page } = ada;
    const hostile = `<img src=x onerror=alert(1)>\u05E9\u05DC\u05D5\u05DD${"W".repeat(150)}`;
    await addUser({ name: hostile, username: "hostile", password: "a long enough password" });
    await page.reload();
    await page.getByTestId("share-chat").click();
    await page.getByRole("combobox", { name: "Add people or groups" }).fill("hostile");
    await page.getByRole("option", { name: /onerror/ }).click();
    await share(page, "onerror").waitFor();
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await share(page, "onerror")
      .getByRole("button", { name: /^Remove/ })
      .click();
    await share(page, "onerror").waitFor({ state: "detached" });
    await page.setViewportSize(wide);
    await page.getByRole("button", { name: "Done" }).click();
    expect(ada.complaints.filter((each) => !each.includes("404"))).toEqual([]);
  });
});

describe("a shared workspace", () => {
  it("shows whose it is and what may be done, and vanishes when it is taken away", async () => {
    const { page } = ada;
    await page.goto("/workspaces");
    await setWorkspaceSharing("none");
    await page.reload();
    await openShare(page);
    await page.getByRole("dialog").getByText("Workspace sharing is disabled for this organisation.").waitFor();
    expect(await page.getByRole("dialog").getByRole("combobox").count()).toBe(0);
    await page.getByRole("button", { name: "Done" }).click();

    await setWorkspaceSharing("everyone");
    await page.reload();
    await openShare(page);
    await page.getByRole("combobox", { name: "Add people or groups" }).fill("grace");
    await page.getByRole("option", { name: /Grace Hopper/ }).click();
    await share(page, "Grace Hopper").waitFor();
    await screenshotEveryWay(page, "share-workspace");
    expect(await accessibilityFaults(page)).toEqual([]);

    await guest.page.goto("/workspaces");
    const theirs = guest.page.getByTestId("workspace");
    await theirs.filter({ hasText: "Shared with you" }).filter({ hasText: "of ada" }).waitFor();
    expect(await theirs.getByRole("button", { name: /^More about/ }).count()).toBe(0);
    await screenshotEveryWay(guest.page, "workspace-shared-with-me");
    await page.getByRole("button", { name: "Remove Grace Hopper" }).click();
    await theirs.waitFor({ state: "detached" });
  });
});

function share(page: Page, name: string): Locator {
  return page.getByTestId("share").filter({ hasText: name });
}

async function openShare(page: Page): Promise<void> {
  await page
    .getByTestId("workspace")
    .first()
    .getByRole("button", { name: /^More about/ })
    .click();
  await page.getByRole("menuitem", { name: "Share…" }).click();
}

/** Whose workspaces may be shared in Ada's organisation; under "none" its members don't see who else is there. */
async function setWorkspaceSharing(mode: "none" | "everyone"): Promise<void> {
  const response = await ada.page.request.get("/api/v2/users/me");
  const [organizationId] = user.parse(await response.json()).organization_ids;
  const path = `/organizations/${organizationId}/settings/workspace-sharing`;
  await call(ada.page, "PATCH", path, { shareable_workspace_owners: mode });
}

async function addUser(account: { name: string; username: string; password: string }): Promise<void> {
  await call(ada.page, "POST", "/users", { ...account, email: `${account.username}@example.com` });
}

/** As the person whose page it is. */
async function call(page: Page, method: string, path: string, body: unknown): Promise<void> {
  const response = await page.request.fetch(`/api/v2${path}`, {
    method,
    // A cookie counts only from a page of this deployment.
    headers: { origin: tideline.url },
    data: body,
  });
  if (!response.ok()) throw new Error(`${method} ${path} answered ${response.status()}: ${await response.text()}`);
}
