import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import {
  accessibilityFaults,
  completeSetup,
  narrow,
  newPerson,
  openBrowser,
  overflow,
  screenshotEveryWay,
  type Person,
  wide,
} from "./support/person.ts";
import { conversation, seedChat } from "./support/seeding.ts";

// Accounts in the hands of who manages them, and the pages behind the links they send. The steps stand on each other.

const grace = { email: "grace@example.com", username: "grace", password: "compiles on the first try" };

let tideline: OwnTideline;
let browser: Browser;
let ada: Person;
let theirs: Person;

beforeAll(async () => {
  [tideline, browser] = await Promise.all([startOwnTideline(), openBrowser()]);
  ada = await newPerson(browser, tideline.url);
  await completeSetup(ada.page, tideline.link);
});
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
});

describe("people and their accounts", () => {
  it("invites somebody by a link, who makes their own account with it, once", async () => {
    const { page } = ada;
    await page.goto("/settings/users");
    await account(page, "Ada Lovelace").getByText("Owner").waitFor();
    await choose(page, "Add", "Invite by link…");
    await page.getByLabel("E-mail").fill("not an address");
    await page.getByRole("button", { name: "Make the link" }).click();
    await page.getByText("Give an e-mail address").waitFor();
    await page.getByLabel("E-mail").fill(grace.email);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await linkShown(page);
    await page.getByTestId("invite").filter({ hasText: grace.email }).waitFor();

    theirs = await newPerson(browser, tideline.url);
    await theirs.page.goto(link);
    await theirs.page.getByRole("heading", { name: "You are invited to Tideline" }).waitFor();
    expect(await theirs.page.getByLabel("E-mail").inputValue()).toBe(grace.email);
    await screenshotEveryWay(theirs.page, "invite");
    expect(await accessibilityFaults(theirs.page)).toEqual([]);
    await theirs.page.getByLabel("User name").fill("ada");
    await theirs.page.getByLabel("Password").fill(grace.password);
    const make = theirs.page.getByRole("button", { name: "Make my account" });
    await make.click();
    await theirs.page.getByText(/is taken/).waitFor();
    await theirs.page.getByLabel("User name").fill(grace.username);
    await make.click();
    await theirs.page.getByTestId("composer-input").waitFor();

    const late = await newPerson(browser, tideline.url, { viewport: narrow });
    for (const used of [link, "/invite", "/invite#nonsense", "/reset-password#nonsense"]) {
      await late.page.goto("about:blank");
      await late.page.goto(used);
      await late.page.getByRole("heading", { name: "This link does not work" }).waitFor();
    }
    await late.leave();

    await page.reload();
    await account(page, "grace").getByText("Member").waitFor();
    await page.getByText("None. Invite somebody").waitFor();
  });

  it("takes an invite back, whose link then does not work", async () => {
    const { page } = ada;
    await choose(page, "Add", "Invite by link…");
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await linkShown(page);
    await page.getByRole("button", { name: "Revoke the invite for Anybody with the link" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("None. Invite somebody").waitFor();
    const late = await newPerson(browser, tideline.url);
    await late.page.goto(link);
    await late.page.getByRole("heading", { name: "This link does not work" }).waitFor();
    await late.leave();
  });

  it("shows a member neither the page nor the way to it, and an auditor no way to change anything", async () => {
    await theirs.page.goto("/settings/users");
    await theirs.page.getByText("This page is for those who manage people").waitFor();
    expect(await theirs.page.getByRole("link", { name: "Users", exact: true }).count()).toBe(0);

    const { page } = ada;
    await choose(page, "More about grace", "Roles…");
    await page.getByRole("checkbox", { name: "Auditor" }).check();
    expect(await page.getByRole("checkbox", { name: "Member" }).isDisabled()).toBe(true);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Save roles" }).click();
    await account(page, "grace").getByText("Auditor").waitFor();

    await theirs.page.reload();
    await account(theirs.page, "Ada Lovelace").getByText("Owner").waitFor();
    expect(await theirs.page.getByRole("button", { name: /^(Add|More about .*)$/ }).count()).toBe(0);
  });

  it("keeps the last owner an owner, and says why", async () => {
    const { page } = ada;
    await choose(page, "More about Ada Lovelace", "Roles…");
    await page.getByRole("checkbox", { name: "Owner" }).uncheck();
    await page.getByRole("button", { name: "Save roles" }).click();
    await page.getByText("This is the last active owner.").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "More about Ada Lovelace" }).click();
    await page.getByRole("menuitem", { name: "Roles…" }).waitFor();
    expect(await page.getByRole("menuitem", { name: /Suspend|Delete|reset/ }).count()).toBe(0);
    await page.keyboard.press("Escape");
  });

  it("makes a service account with a token that reads and does not write", async () => {
    const { page } = ada;
    await choose(page, "Add", "Service account…");
    await page.getByLabel("User name").fill("ci-reviews");
    await page.getByRole("button", { name: "Add service account" }).click();
    await page.getByText("No tokens yet").waitFor();
    await page.getByRole("button", { name: "New token" }).click();
    await page.getByLabel("Name", { exact: true }).fill("nightly");
    await page.getByRole("radio", { name: "Read only" }).check();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Create token" }).click();
    const key = await page.locator("pre").innerText();
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("dialog").getByText("Read only").waitFor();
    const answers = [await asToken(key, "GET", "/users/me"), await asToken(key, "POST", "/chats")];
    expect(answers.map(({ status }) => status)).toEqual([200, 403]);

    await page.getByRole("button", { name: "Revoke nightly" }).click();
    await page.getByRole("dialog", { name: "Revoke nightly?" }).getByRole("button", { name: "Revoke" }).click();
    await page.getByText("No tokens yet").waitFor();
    expect((await asToken(key, "GET", "/users/me")).status).toBe(401);
    await page.getByRole("button", { name: "Close", exact: true }).last().click();
    await account(page, "ci-reviews").getByText("Service account").waitFor();
  });

  it("finds accounts by words, status and kind, and stands whatever they are called", async () => {
    const { page } = ada;
    const hostile = `<img src=x onerror=alert(1)>\u05E9\u05DC\u05D5\u05DD${"W".repeat(150)}`;
    for (const [username, name] of [
      ["hostile", hostile],
      ["zed", ""],
    ]) {
      const made = await page.request.post("/api/v2/users", {
        // A cookie counts only from a page of this deployment.
        headers: { origin: tideline.url },
        data: { username, name, email: `${username}@example.com`, password: "a long enough password" },
      });
      expect(made.status()).toBe(201);
    }
    await page.reload();
    await account(page, "hostile@example.com").waitFor();
    await screenshotEveryWay(page, "users");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize(wide);

    await page.getByLabel("Search accounts").fill("EXAMPLE.com");
    await page.getByText("4 accounts").waitFor();
    await page.getByLabel("Search accounts").fill("zed");
    await page.getByText("1 account", { exact: true }).waitFor();
    await page.getByLabel("Search accounts").fill("nobody at all");
    await page.getByText("Nobody matches").waitFor();
    await page.getByRole("button", { name: "Show everybody" }).click();
    await page.getByText("5 accounts").waitFor();
    await page.getByRole("combobox", { name: "Kind of account" }).click();
    await page.getByRole("option", { name: "Service accounts" }).click();
    await page.getByText("1 account", { exact: true }).waitFor();
    await account(page, "ci-reviews").waitFor();
    await page.reload();
  });

  it("resets a password by a link, which tells the browsers that are signed out why", async () => {
    const { page } = ada;
    await choose(page, "More about grace", "Password reset link…");
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await linkShown(page);
    await theirs.page.goto("/workspaces");
    await theirs.page.getByRole("heading", { name: "Workspaces", level: 1 }).waitFor();

    const elsewhere = await newPerson(browser, tideline.url, { viewport: narrow });
    await elsewhere.page.goto(link);
    await elsewhere.page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    await screenshotEveryWay(elsewhere.page, "reset-password");
    expect(await accessibilityFaults(elsewhere.page)).toEqual([]);
    grace.password = "something entirely different";
    await elsewhere.page.getByLabel("New password").fill(grace.password);
    await elsewhere.page.getByRole("button", { name: "Set the password" }).click();
    await elsewhere.page.getByText("Your new password is set").waitFor();
    await elsewhere.page.getByTestId("composer-input").waitFor();
    await elsewhere.leave();

    await theirs.page.getByText("You were signed out: your password was changed.").waitFor();
    await signInAsGrace(theirs.page);
    await theirs.page.getByRole("heading", { name: "Workspaces", level: 1 }).waitFor();
  });

  it("suspends somebody, who reads so at once and nobody touches their browser, and undoes it", async () => {
    const { page } = ada;
    await choose(page, "More about grace", "Suspend");
    await theirs.page.getByText("You were signed out: your account was suspended.").waitFor();
    await account(page, "grace").getByText("Suspended").waitFor();
    const undo = page.getByRole("button", { name: "Undo" });
    await undo.click();
    // As it goes, the focus goes back to where it was, which would close a menu.
    await undo.waitFor({ state: "detached" });
    await account(page, "grace").getByText("Active").waitFor();
    expect(await accessibilityFaults(theirs.page)).toEqual([]);

    await signInAsGrace(theirs.page);
    await theirs.page.getByRole("heading", { name: "Workspaces", level: 1 }).waitFor();
    const { id } = await seedChat(theirs.page, "Compilers", conversation(2));
    await theirs.page.goto(`/chats/${id}`);
    const chat = theirs.page.getByRole("heading", { name: "Compilers" });
    await chat.waitFor();
    await choose(page, "More about grace", "Suspend");
    await theirs.page.getByText("You were signed out: your account was suspended.").waitFor();
    await chat.waitFor({ state: "detached" });
    await account(page, "grace").getByText("Suspended").waitFor();
    await signInAsGrace(theirs.page);
    await theirs.page.getByText("This account is suspended.").waitFor();
    await choose(page, "More about grace", "Activate");
    await account(page, "grace").getByText("Active").waitFor();
    await theirs.page.getByRole("button", { name: "Sign in" }).click();
    await chat.waitFor();
    expect(await theirs.page.getByText("You were signed out").count()).toBe(0);
  });

  it("says nothing of being signed out to who goes by themselves", async () => {
    await theirs.page.getByTestId("user-menu").click();
    await theirs.page.getByRole("menuitem", { name: "Sign out" }).click();
    await theirs.page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await theirs.page.getByText("You were signed out").count()).toBe(0);
  });

  it("deletes an account", async () => {
    const { page } = ada;
    await choose(page, "More about zed", "Delete…");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await account(page, "zed").waitFor({ state: "detached" });
    await page.getByText("4 accounts").waitFor();
    expect(ada.complaints.filter((complaint) => !/ 4(00|09)\b/.test(complaint))).toEqual([]);
  });
});

function account(page: Page, words: string) {
  return page.getByTestId("account").filter({ hasText: words });
}

async function choose(page: Page, button: string, item: string): Promise<void> {
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

/** The link that a dialog shows; closes it, and makes sure that it is shown no more. */
async function linkShown(page: Page): Promise<string> {
  const link = await page.getByRole("dialog").locator("pre").innerText();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole("button", { name: "I have copied it" }).click();
  await expect.poll(() => page.content()).not.toContain(link);
  return link;
}

async function signInAsGrace(page: Page): Promise<void> {
  await page.getByLabel("User name or e-mail").fill(grace.username);
  await page.getByLabel("Password").fill(grace.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

function asToken(key: string, method: string, path: string): Promise<Response> {
  return fetch(`${tideline.url}/api/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(method === "POST" ? { body: JSON.stringify({ content: [{ type: "text", text: "Hello" }] }) } : {}),
  });
}
