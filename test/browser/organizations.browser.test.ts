import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
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

// How an organisation is run, and what the audit log tells of it. The steps stand on each other.

/** Names that people may have, and that no row may break on. */
const hostile = {
  script: '<img src=x onerror="document.title=`owned`">',
  turned: "\u05E9\u05DC\u05D5\u05DD",
  long: "Constantine ".repeat(16).trim(),
};

let tideline: OwnTideline;
let browser: Browser;
let ada: Person;

beforeAll(async () => {
  [tideline, browser] = await Promise.all([startOwnTideline(), openBrowser()]);
  ada = await newPerson(browser, tideline.url);
  await completeSetup(ada.page, tideline.link);
  await addAccount(ada.page, "brian", hostile.script);
  await addAccount(ada.page, "linda", hostile.turned);
  await addAccount(ada.page, "constantine", hostile.long);
});
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
});

describe("running an organisation", () => {
  it("finds members, says what a role allows, and takes it back", async () => {
    const { page } = ada;
    await page.goto("/settings/members");
    const members = page.getByTestId("member");
    await members.nth(3).waitFor();
    expect(await members.count()).toBe(4);
    await page.getByLabel("Search members").fill("bri");
    await page.getByText("1 member", { exact: true }).waitFor();

    await page.getByRole("button", { name: "More about" }).click();
    await page.getByRole("menuitem", { name: "Roles…" }).click();
    await page.getByLabel("User admin").check();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Save roles" }).click();
    await members.getByText("User admin").waitFor();
    await page.getByLabel("Search members").fill("");
    await members.nth(3).waitFor();
    expect(await page.title()).not.toBe("owned");
    expect(await accessibilityFaults(page)).toEqual([]);
    await staysInside(page);
    await screenshotEveryWay(page, "members");
  });

  it("makes a group of some of them, and undoes a removal", async () => {
    const { page } = ada;
    await page.goto("/settings/groups");
    await page.getByText("There is no other group yet.").waitFor();
    await page.getByRole("button", { name: "Create a group" }).click();
    await page.getByLabel("Name", { exact: true }).fill("harbour crew");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("Use 1 to 36 letters").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("harbour");
    await page.getByLabel("Display name").fill("Harbour crew");
    await page.getByRole("button", { name: "Create", exact: true }).click();

    await page.getByRole("button", { name: "Members of Harbour crew" }).click();
    await page.getByText("Nobody is in it yet.").waitFor();
    const search = page.getByLabel("Search members of the organisation");
    for (const [username, name] of [
      ["brian", hostile.script],
      ["linda", hostile.turned],
    ] as const) {
      await search.fill(username);
      await page.getByRole("button", { name: `Add ${name}`, exact: true }).click();
      await page.getByTestId("person").filter({ hasText: name }).getByText("In the group").waitFor();
    }
    await search.fill("");
    const people = page.getByTestId("person");
    await people.nth(1).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await people.first().getByRole("button", { name: "Remove" }).click();
    await page.getByText("has 1 member.").waitFor();
    await page.getByRole("button", { name: "Put back" }).click();
    await page.getByText("has 2 members.").waitFor();
    await people.nth(1).waitFor();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByTestId("group").getByText("2 members").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await staysInside(page);
    await screenshotEveryWay(page, "groups");
  });

  it("says how many workspaces lose their shares before it saves", async () => {
    const { page } = ada;
    const brian = await userId(page, "brian");
    const workspace = z
      .object({ workspace: z.object({ id: z.string() }) })
      .parse(await call(page, "POST", "/workspaces", { name: "shared-one" }));
    await call(page, "PATCH", `/workspaces/${workspace.workspace.id}/acl`, { user_roles: { [brian]: "use" } });

    await page.goto("/settings/sharing");
    await page.getByLabel("Service accounts only").check();
    await page.getByText("1 workspace will lose its shares.").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await staysInside(page);
    await screenshotEveryWay(page, "sharing");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("another mode later does not bring them back").waitFor();
    await page.getByRole("button", { name: "Save and take them away" }).click();
    await page.getByText("Sharing is set").waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByLabel("Everyone").check();
    await page.getByText("No workspace loses a share.").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Save" }).and(page.locator(":disabled")).waitFor();
    expect(await call(page, "GET", `/workspaces/${workspace.workspace.id}/acl`)).toMatchObject({ users: [] });
  });

  it("makes a second organisation, in which a new workspace then lies", async () => {
    const { page } = ada;
    await page.goto("/settings/organizations");
    await page.getByRole("button", { name: "Create an organisation" }).click();
    await page.getByLabel("Name", { exact: true }).fill("pier");
    await page.getByLabel("Display name").fill("The pier");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    const pier = page.getByTestId("organization").filter({ hasText: "The pier" });
    await pier.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await staysInside(page);
    await screenshotEveryWay(page, "organizations");

    await pier.getByRole("link", { name: "Members of The pier" }).click();
    await page.getByTestId("organization-switch").getByText("The pier").waitFor();
    await page.getByText("1 member", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Add people" }).click();
    await page.getByLabel("Search people").fill("constantine");
    await page.getByRole("button", { name: /Add Constantine/ }).click();
    await page.getByTestId("person").filter({ hasText: "Constantine" }).getByText("Member", { exact: true }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByText("2 members", { exact: true }).waitFor();

    await page.goto("/workspaces");
    await page.getByRole("button", { name: "Connect", exact: true }).first().click();
    await page.getByText("It belongs to").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("on-the-pier");
    await page.getByRole("button", { name: "Show the command" }).click();
    await page.locator("pre").waitFor();
    const { workspaces } = z
      .object({ workspaces: z.array(z.object({ name: z.string(), organization_id: z.string() })) })
      .parse(await call(page, "GET", "/workspaces"));
    const organization = z.object({ id: z.string() }).parse(await call(page, "GET", "/organizations/pier"));
    expect(workspaces.find(({ name }) => name === "on-the-pier")?.organization_id).toBe(organization.id);

    // What is left in it keeps it.
    await page.goto("/settings/organizations");
    await page.getByRole("button", { name: "More about The pier" }).click();
    await page.getByRole("menuitem", { name: "Delete…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("1 other member").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();

    await page.goto("/settings/members");
    await page.getByRole("button", { name: /More about Constantine/ }).click();
    await page.getByRole("menuitem", { name: "Remove…" }).click();
    await page.getByText("its groups, and what is shared with them").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("1 member", { exact: true }).waitFor();
  });

  it("tells all of it in the audit log, and gives it as a file", async () => {
    const { page } = ada;
    await page.goto("/settings/audit");
    const entries = page.getByTestId("audit-entry");
    await entries
      .first()
      .getByText(/deleted the membership of/)
      .waitFor();
    await page.getByLabel("Kind of object").click();
    await page.getByRole("option", { name: "Sharing mode" }).click();
    await page.getByText("2 entries", { exact: true }).waitFor();
    await page.getByLabel("Search the log").fill("no such thing");
    await page.getByRole("button", { name: "Show all entries" }).click();
    await entries
      .first()
      .getByText(/deleted the membership of/)
      .waitFor();
    // The address holds the filters, so back and a reload find them again.
    await page.goBack();
    await page.getByRole("button", { name: "Show all entries" }).waitFor();
    await expect.poll(() => page.getByLabel("Search the log").inputValue()).toBe("no such thing");
    await page.getByLabel("Search the log").fill("");
    await page.getByText("2 entries", { exact: true }).waitFor();
    await page.reload();
    await page.getByText("2 entries", { exact: true }).waitFor();
    await entries.first().getByRole("button").first().click();
    const change = page.getByRole("row").filter({ hasText: "Shareable workspace owners" });
    await expect.poll(() => change.getByRole("cell").allInnerTexts()).toEqual(["service_accounts", "everyone"]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await staysInside(page);

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download CSV" }).click(),
    ]);
    const lines = readFileSync(await download.path(), "utf8")
      .trim()
      .split("\r\n");
    expect(lines).toHaveLength(3);

    await page.getByRole("button", { name: "All by this person" }).click();
    await page.getByLabel("Who did it").and(page.locator('[value="ada"]')).waitFor();
    await entries
      .first()
      .getByText(/deleted the membership of/)
      .waitFor();
    await entries.nth(2).getByRole("button").first().click();
    await screenshotEveryWay(page, "audit");
  });

  it("reads on when the end of the log comes near", async () => {
    const { page } = ada;
    for (let name = 0; name < 60; name += 1) {
      await call(page, "PATCH", "/organizations/pier", { display_name: `Pier ${name}` });
    }
    await page.goto("/settings/audit");
    const entries = page.getByTestId("audit-entry");
    await entries.first().waitFor();
    await entries.nth(49).scrollIntoViewIfNeeded();
    await entries.nth(60).waitFor();
    await page.getByText("This is the beginning of the log.").waitFor();
    expect(ada.complaints.filter((complaint) => !complaint.includes("/organizations/"))).toEqual([]);
  });

  it("says in a sentence who a page is for", async () => {
    const linda = await newPerson(browser, tideline.url);
    const { page } = linda;
    await page.goto("/login");
    await page.getByLabel("User name or e-mail").fill("linda");
    await page.getByLabel("Password").fill("a long enough password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByTestId("composer-input").waitFor();
    await page.goto("/settings/audit");
    await page.getByRole("heading", { name: "The audit log is for auditors" }).waitFor();
    expect(await page.getByRole("link", { name: "Audit log" }).count()).toBe(0);
    await page.goto("/settings/sharing");
    await page.getByText("Only admins of this organisation can change this.").waitFor();
    expect(await page.getByLabel("Nobody").isDisabled()).toBe(true);
    await linda.leave();
  });
});

async function staysInside(page: Page): Promise<void> {
  for (const viewport of [narrow, wide]) {
    await page.setViewportSize(viewport);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  }
}

async function addAccount(page: Page, username: string, name: string): Promise<void> {
  const email = `${username}@example.com`;
  await call(page, "POST", "/users", { username, name, email, password: "a long enough password" });
}

async function userId(page: Page, username: string): Promise<string> {
  return z.object({ id: z.string() }).parse(await call(page, "GET", `/users/${username}`)).id;
}

/** As the page would: with its cookie, from its origin. */
async function call(page: Page, method: string, path: string, data?: unknown): Promise<unknown> {
  const response = await page.request.fetch(`/api/v2${path}`, {
    method,
    headers: { origin: new URL(page.url()).origin },
    ...(data === undefined ? {} : { data }),
  });
  if (!response.ok()) throw new Error(`${method} ${path} answered ${response.status()}: ${await response.text()}`);
  const text = await response.text();
  return text === "" ? null : JSON.parse(text);
}
