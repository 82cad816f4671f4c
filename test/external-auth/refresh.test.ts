import { beforeEach, describe, expect, it } from "vitest";
import type { ExternalLink, LinkStore, Tokens } from "../../src/external-auth/links.ts";
import { answerOf, renewedToken, type RefreshPorts, type RefreshResult } from "../../src/external-auth/refresh.ts";
import { createTokenFlights } from "../../src/users/token-flights.ts";

const START = 1_000_000_000_000;
const HOUR = 3_600_000;

let now: number;
let row: ExternalLink | null;
/** What is asked of the provider, in order. */
let refreshes: string[];
let validations: string[];
/** What it answers; the last one again and again. */
let results: RefreshResult[];
let verdicts: ("valid" | "invalid" | "unknown")[];
let slept: number[];

const link = (changes: Partial<ExternalLink> = {}): ExternalLink => ({
  providerId: "github",
  accessToken: "old-access",
  refreshToken: "old-refresh",
  expiresAt: START - 1,
  extra: null,
  refreshFailureReason: "",
  refreshFailedAt: null,
  version: 1,
  createdAt: START,
  updatedAt: START,
  ...changes,
});
const tokens = (name: string): Tokens => ({
  accessToken: `${name}-access`,
  refreshToken: `${name}-refresh`,
  expiresAt: now + HOUR,
  extra: null,
});
const given = (name: string): RefreshResult => ({ outcome: "tokens", tokens: tokens(name) });
const refused: RefreshResult = { outcome: "refused", reason: "bad_refresh_token" };
const unavailable: RefreshResult = { outcome: "unavailable", reason: "GitHub does not answer." };

/** A row in memory with the guard of the real statement. */
const store: LinkStore = {
  read: async () => row,
  async storeTokens(read, next, at) {
    if (row === null || row.version !== read.version) return false;
    row = { ...row, ...next, refreshFailureReason: "", refreshFailedAt: null, version: row.version + 1, updatedAt: at };
    return true;
  },
  async rememberRefusal(read, reason, at) {
    if (row === null || row.version !== read.version) return false;
    row = { ...row, refreshToken: "", refreshFailureReason: reason, refreshFailedAt: at, version: row.version + 1 };
    return true;
  },
};

function ports(changes: Partial<RefreshPorts["provider"]> = {}): RefreshPorts {
  return {
    store,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    provider: {
      displayName: "GitHub",
      noRefresh: false,
      isLate: true,
      async refresh({ refreshToken }) {
        refreshes.push(refreshToken);
        return (results.length > 1 ? results.shift() : results[0]) ?? unavailable;
      },
      async validate(accessToken) {
        validations.push(accessToken);
        const verdict = (verdicts.length > 1 ? verdicts.shift() : verdicts[0]) ?? "valid";
        return verdict === "unknown" ? { outcome: verdict, reason: "GitHub answered with 500." } : { outcome: verdict };
      },
      ...changes,
    },
  };
}

beforeEach(() => {
  now = START;
  row = link();
  refreshes = [];
  validations = [];
  results = [given("new")];
  verdicts = ["valid"];
  slept = [];
});

describe("a link as it stands", () => {
  const provider = { displayName: "GitHub", noRefresh: false };

  it.each<[string, ExternalLink | null, string | undefined]>([
    ["none", null, "not_connected"],
    ["never expires", link({ expiresAt: null, refreshToken: "" }), "ready"],
    ["good for an hour", link({ expiresAt: START + HOUR }), "ready"],
    ["good for a minute: it would expire on its way", link({ expiresAt: START + 60_000 }), undefined],
    ["over, to be renewed", link(), undefined],
    ["over, without a way to renew it", link({ refreshToken: "" }), "refused"],
  ])("%s", (_, stored, state) => {
    expect(answerOf(stored, provider, START)?.state).toBe(state);
  });

  it("that may not be renewed is over when it has expired", () => {
    const answer = answerOf(link(), { ...provider, noRefresh: true }, START);
    expect(answer).toEqual({ state: "refused", reason: "The access to GitHub has expired. Connect it again." });
  });

  it("says why it was refused, and when", () => {
    const stored = link({ refreshToken: "", refreshFailureReason: "The token is gone.", refreshFailedAt: START });
    expect(answerOf(stored, provider, START + 3 * HOUR)).toEqual({
      state: "refused",
      reason: "GitHub refused to renew the access 3 hours ago: The token is gone. Connect it again.",
    });
  });
});

describe("renewing a link", () => {
  it("asks once, stores what came, and tries it", async () => {
    expect(await renewedToken(ports())).toEqual({ state: "ready", token: "new-access", expiresAt: START + HOUR });
    expect([refreshes, validations]).toEqual([["old-refresh"], ["new-access"]]);
    expect(row).toMatchObject({ accessToken: "new-access", refreshToken: "new-refresh", version: 2 });
  });

  it("asks nobody where somebody has renewed it already", async () => {
    row = link({ ...tokens("earlier"), version: 2 });
    expect(await renewedToken(ports())).toMatchObject({ state: "ready", token: "earlier-access" });
    expect([refreshes, validations]).toEqual([[], []]);
  });

  it("keeps the new token when trying it crashes", async () => {
    const crash = async () => Promise.reject(new Error("crashed"));
    await expect(renewedToken(ports({ validate: crash }))).rejects.toThrow("crashed");
    expect(row).toMatchObject({ accessToken: "new-access", refreshToken: "new-refresh" });
    expect(await renewedToken(ports())).toMatchObject({ state: "ready", token: "new-access" });
    expect(refreshes).toHaveLength(1);
  });

  it("tries again what passes, and gives up before who waits does", async () => {
    results = [unavailable, unavailable, given("new")];
    expect(await renewedToken(ports())).toMatchObject({ state: "ready" });
    expect(slept).toEqual([250, 500]);

    row = link();
    [now, slept, results] = [START, [], [unavailable]];
    expect(await renewedToken(ports())).toEqual({ state: "unavailable", reason: "GitHub does not answer." });
    expect(Math.max(...slept)).toBe(2_000);
    expect(now - START).toBeLessThan(9_000);
    expect(row).toEqual(link());
  });

  it("asks once where the deployment is to blame, and takes nothing from the person", async () => {
    results = [{ outcome: "misconfigured", reason: "GitHub does not take requests of this deployment." }];
    expect(await renewedToken(ports())).toMatchObject({ state: "unavailable" });
    expect(refreshes).toHaveLength(1);
    expect(row).toEqual(link());
  });

  it("remembers a refusal for good, and asks no more", async () => {
    results = [{ outcome: "refused", reason: `The token old-refresh is spent. ${"x".repeat(500)}` }];
    const answer = await renewedToken(ports());
    expect(answer.state).toBe("refused");
    expect(JSON.stringify([answer, row?.refreshFailureReason])).not.toContain("old-refresh");
    expect(row).toMatchObject({ refreshToken: "", refreshFailedAt: now, accessToken: "old-access" });
    expect(row?.refreshFailureReason).toHaveLength(400);
    now += 10 * 60_000;
    expect(await renewedToken(ports())).toMatchObject({ reason: expect.stringContaining("10 minutes ago: The token") });
    expect(refreshes).toHaveLength(1);
  });

  it("waits for GitHub's copies to know the new token, for a second", async () => {
    verdicts = ["invalid", "invalid", "valid"];
    expect(await renewedToken(ports())).toMatchObject({ state: "ready" });
    expect(slept).toEqual([50, 100]);

    row = link();
    [now, slept, verdicts] = [START, [], ["invalid"]];
    expect(await renewedToken(ports())).toMatchObject({ state: "refused" });
    expect(now - START).toBeLessThan(1_000);
    expect(slept.length).toBeGreaterThan(3);
    expect(row).toMatchObject({ accessToken: "new-access" });

    row = link();
    [now, slept] = [START, []];
    await renewedToken(ports({ isLate: false }));
    expect(slept).toEqual([]);
  });

  it("is not refused by a provider that does not say", async () => {
    verdicts = ["unknown"];
    expect(await renewedToken(ports())).toEqual({ state: "unavailable", reason: "GitHub answered with 500." });
    expect(await renewedToken(ports())).toMatchObject({ state: "ready", token: "new-access" });
  });
});

describe("two that race past each other", () => {
  /** Another isolate does this while the provider is being asked. */
  const meanwhile = (act: () => Promise<unknown>, result: RefreshResult) =>
    ports({
      async refresh() {
        await act();
        return result;
      },
    });

  it("the loser finds the winner's token and takes nothing away", async () => {
    const loser = meanwhile(() => renewedToken(ports()), refused);
    expect(await renewedToken(loser)).toMatchObject({ state: "ready", token: "new-access" });
    expect(row).toMatchObject({ refreshToken: "new-refresh", refreshFailureReason: "", version: 2 });
  });

  it("the loser gives the winner the time to store", async () => {
    const slow: RefreshPorts = {
      ...ports({ refresh: async () => refused }),
      async sleep(ms) {
        slept.push(ms);
        await renewedToken(ports());
      },
    };
    expect(await renewedToken(slow)).toMatchObject({ state: "ready", token: "new-access" });
    expect(slept).toEqual([100]);
    expect(row).toMatchObject({ refreshToken: "new-refresh", version: 2 });
  });

  it("the loser's write, begun before the winner's, changes nothing after it", async () => {
    const { read } = store;
    let reads = 0;
    const late: LinkStore = {
      ...store,
      // The winner stores between the loser's last look, its fourth, and its write.
      async read() {
        const seen = await read();
        if (++reads === 4) await renewedToken(ports());
        return seen;
      },
    };
    results = [given("new")];
    const loser: RefreshPorts = { ...ports({ refresh: async () => refused }), store: late };
    expect(await renewedToken(loser)).toMatchObject({ state: "ready", token: "new-access" });
    expect(row).toMatchObject({ refreshToken: "new-refresh", refreshFailureReason: "" });
  });

  it("the winner stores over what a loser has noted too early", async () => {
    const early = ports({ refresh: async () => refused });
    const winner = meanwhile(() => renewedToken(early), given("new"));
    expect(await renewedToken(winner)).toMatchObject({ state: "ready", token: "new-access" });
    expect(row).toMatchObject({ refreshToken: "new-refresh", refreshFailureReason: "", refreshFailedAt: null });
  });

  it("leaves alone what a person has connected anew, or has taken off", async () => {
    const anew = async () => void (row = link({ ...tokens("anew"), version: 2 }));
    for (const result of [given("new"), refused]) {
      row = link();
      expect(await renewedToken(meanwhile(anew, result))).toMatchObject({ state: "ready", token: "anew-access" });
      expect(row).toMatchObject({ refreshToken: "anew-refresh" });
      row = link();
      expect(await renewedToken(meanwhile(async () => (row = null), result))).toEqual({ state: "not_connected" });
      expect(row).toBeNull();
    }
  });
});

describe("flights", () => {
  it.each([5, 50])("answer %i who ask at once with one renewal", async (callers) => {
    const flights = createTokenFlights(() => undefined);
    const answers = await Promise.all(
      Array.from({ length: callers }, () => flights.join("github", () => renewedToken(ports()))),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ state: "ready", token: "new-access" });
    expect(refreshes).toEqual(["old-refresh"]);
  });

  it("are one for each provider, end with their answer, and are held alive", async () => {
    const held: Promise<unknown>[] = [];
    const flights = createTokenFlights((flight) => held.push(flight));
    await Promise.all(["github", "gitlab"].map((id) => flights.join(id, () => renewedToken(ports()))));
    await flights.join("github", () => renewedToken(ports()));
    expect(held).toHaveLength(3);
  });

  it("end for those who wait when the time is up, or it crashes", async () => {
    const flights = createTokenFlights(() => undefined, 20);
    const answer = await flights.join("github", () => new Promise(() => undefined));
    expect(answer.state).toBe("unavailable");
    await expect(flights.join("github", async () => Promise.reject(new Error("crashed")))).rejects.toThrow("crashed");
    expect(await flights.join("github", () => renewedToken(ports()))).toMatchObject({ state: "ready" });
  });
});
