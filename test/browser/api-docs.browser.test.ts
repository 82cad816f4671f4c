import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import { accessibilityFaults, narrow, newPerson, openBrowser, overflow } from "./support/person.ts";

let tideline: OwnTideline;
let browser: Browser;

beforeAll(async () => {
  [tideline, browser] = await Promise.all([startOwnTideline(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
});

describe("/api/docs", () => {
  it("shows every operation, opens the linked one, and asks nobody else for anything", async () => {
    const { page, complaints } = await newPerson(browser, tideline.url, { viewport: narrow });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).origin));

    await page.goto("/api/docs#createToken");
    await page.getByText("CreateTokenRequest").waitFor();
    await page.locator("#createToken").getByText("Authorization: Bearer $TIDELINE_TOKEN").waitFor();
    expect(await page.getByText("/api/v2/users/{user}/keys/tokens").count()).toBeGreaterThan(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);

    await page.getByRole("searchbox", { name: "Filter operations" }).fill("delete token");
    await page.getByText("/api/v2/users/{user}/keys/{keyid}").waitFor();
    await page.getByText("/api/v2/setup").first().waitFor({ state: "hidden" });
    await page.getByRole("searchbox").fill("no such operation");
    await page.getByText("No operation has these words.").waitFor();

    expect(new Set(asked)).toEqual(new Set([new URL(tideline.url).origin]));
    expect(complaints).toEqual([]);
  });
});
