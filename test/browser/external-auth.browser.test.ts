import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOAuthServer, type OAuthServer } from "../fixtures/oauth-server/server.ts";
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

// Connecting accounts elsewhere, as a person does it. The steps stand on each other.

let tideline: OwnTideline;
let github: OAuthServer;
let codes: OAuthServer;
let browser: Browser;
let ada: Person;

beforeAll(async () => {
  [github, codes] = await Promise.all([startOAuthServer(), startOAuthServer()]);
  [tideline, browser] = await Promise.all([
    startOwnTideline({
      env: {
        ...github.provider.settings(0),
        EXTERNAL_AUTH_0_APP_INSTALL_URL: "https://github.example/apps/tideline",
        ...codes.provider.settings(1),
        EXTERNAL_AUTH_1_ID: "codes",
        EXTERNAL_AUTH_1_DISPLAY_NAME: "Example Git",
        EXTERNAL_AUTH_1_DEVICE_FLOW: "true",
        EXTERNAL_AUTH_2_ID: "broken",
      },
    }),
    openBrowser(),
  ]);
  ada = await newPerson(browser, tideline.url);
  await completeSetup(ada.page, tideline.link);
});
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
  await Promise.all([github?.close(), codes?.close()]);
});

describe("connected accounts", () => {
  it("are connected at the service, and say as whom", async () => {
    const { page } = ada;
    await page.goto("/settings/account");
    await page.getByRole("link", { name: "Manage connected accounts" }).click();
    await page.getByText("It is not set up correctly.").waitFor();

    github.provider.denies = true;
    await page.getByRole("link", { name: "Connect GitHub" }).click();
    await page.getByText("GitHub was not connected: it was cancelled there.").waitFor();
    github.provider.denies = false;

    github.provider.who.login = "<img src=x onerror=alert(1)> \u202Egnp.exe";
    github.provider.installations = [];
    await page.getByRole("link", { name: "Connect GitHub" }).click();
    await page.getByText("GitHub is connected.").waitFor();
    await page.getByText("<img src=x").waitFor();
    await page.getByRole("link", { name: "Install it at GitHub" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    github.provider.who.login = "octo-ada";
    github.provider.installations = ["acme", "tideline"];
    await page.goto("/settings/external-auth");
    await page.getByText("Installed for acme and tideline.").waitFor();
  });

  it("are connected with a code that is typed in elsewhere", async () => {
    const { page } = ada;
    await page.getByRole("button", { name: "Connect Example Git" }).click();
    const code = await page.getByLabel("Code", { exact: true }).innerText();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "connect-with-code");
    codes.provider.answerDevice(code, false);
    await page.getByText("Example Git was not connected: it was cancelled there.").waitFor();
    await page.getByRole("button", { name: "New code" }).click();
    const newer = page.getByLabel("Code", { exact: true }).filter({ hasNotText: code });
    const next = await newer.innerText();
    codes.provider.answerDevice(next, true);
    await page.getByRole("button", { name: "Disconnect Example Git" }).waitFor();
  });

  it("say why they do not work any more, and are connected again", async () => {
    const { page } = ada;
    github.provider.validationStatus = 401;
    await page.goto("/settings/external-auth");
    await page.getByText("GitHub does not accept the access any more. Connect it again.").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "connected-accounts");
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize(wide);
    github.provider.validationStatus = null;
    await page.getByRole("link", { name: "Reconnect GitHub" }).click();
    await page.getByText("GitHub is connected.").waitFor();
  });

  it("are disconnected, and it is said whether the access was taken back", async () => {
    const { page, complaints } = ada;
    const disconnect = async (name: string) => {
      await page.getByRole("button", { name: `Disconnect ${name}` }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    };
    await disconnect("GitHub");
    await page.getByText("GitHub has taken the access back.").waitFor();
    codes.provider.revocationStatus = 500;
    await disconnect("Example Git");
    await page.getByText("it answered with status 500. To be sure").waitFor();
    await page.getByRole("link", { name: "Connect GitHub" }).waitFor();
    expect(github.provider.revoked).toHaveLength(1);
    expect(complaints.filter((line) => !line.includes("/device"))).toEqual([]);
  });
});
