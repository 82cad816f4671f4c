import { describe, expect, it } from "vitest";
import { problem } from "../../src/contract/common.ts";
import { workspace, workspaceConnection, workspacesResponse, type Workspace } from "../../src/contract/workspaces.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";

const { addUser, anonymous, owner, env } = await getTestApp();
const ann = await addUser("ann");
const bob = await addUser("bob");

async function create(client: Client, name: string): Promise<Workspace> {
  const response = await client.request("/api/v2/workspaces", { method: "POST", body: { name } });
  expect(response.status).toBe(201);
  return workspaceConnection.parse(await response.json()).workspace;
}

async function list(client: Client, query = "") {
  const response = await client.request(`/api/v2/workspaces${query}`);
  expect(response.status).toBe(200);
  return { ...workspacesResponse.parse(await response.json()), link: response.headers.get("link") };
}

describe("POST /workspaces", () => {
  it("answers the workspace, its token once, and the command that connects it", async () => {
    const response = await ann.request("/api/v2/workspaces", { method: "POST", body: { name: " laptop " } });
    expect(response.status).toBe(201);
    const text = await response.text();
    const made = workspaceConnection.parse(JSON.parse(text));
    expect(made.workspace).toMatchObject({
      name: "laptop",
      owner_id: ann.userId,
      latest_build: { build_number: 1 },
      agent: { status: "connecting", first_connected_at: null },
    });
    expect(made.agent_token).toMatch(/^tla_[A-Za-z0-9_-]{43}$/);
    expect(made.command.split("\n")).toEqual([
      "curl -fsSL http://localhost/tideline-agent.cjs -o tideline-agent.cjs",
      `TIDELINE_URL=http://localhost TIDELINE_AGENT_TOKEN=${made.agent_token} node tideline-agent.cjs`,
    ]);
    const read = await (await ann.request(`/api/v2/workspaces/${made.workspace.id}`)).text();
    expect(read).not.toContain(made.agent_token);
    const { results } = await env.DB.prepare("select id, token_hash from workspace_agents").all<{
      id: string;
      token_hash: string;
    }>();
    for (const { id, token_hash } of results) {
      expect(`${text}${read}`).not.toContain(id);
      expect(token_hash).not.toBe(made.agent_token);
    }
  });

  it("uses the address that people use, where it is another one", async () => {
    const response = await anonymous(
      "/api/v2/workspaces",
      { method: "POST", body: { name: "far" }, headers: { cookie: bob.cookie, origin: "https://tide.example" } },
      { ACCESS_URL: "https://tide.example/" },
    );
    const { command } = workspaceConnection.parse(await response.json());
    expect(command).toContain("curl -fsSL https://tide.example/tideline-agent.cjs");
    expect(command).toContain("TIDELINE_URL=https://tide.example ");
  });

  it("refuses a name that its owner has already, however it is written, and lets others have it", async () => {
    await create(ann, "shared-name");
    const again = await ann.request("/api/v2/workspaces", { method: "POST", body: { name: "Shared-Name" } });
    expect(again.status).toBe(409);
    expect(problem.parse(await again.json()).errors?.[0]?.pointer).toBe("/name");
    await create(bob, "shared-name");
  });

  it("lets one of two that race have the name, and leaves nothing of the other", async () => {
    const both = await Promise.all(
      [1, 2].map(() => ann.request("/api/v2/workspaces", { method: "POST", body: { name: "race" } })),
    );
    expect(both.map((response) => response.status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    const orphans = await env.DB.prepare(
      "select count(*) as n from workspace_builds where workspace_id not in (select id from workspaces)",
    ).first<{ n: number }>();
    expect(orphans?.n).toBe(0);
  });

  it.each([[{}], [{ name: "" }], [{ name: "-x" }], [{ name: "a b" }], [{ name: "x".repeat(33) }], [{ name: 5 }]])(
    "refuses %j",
    async (body) => {
      const response = await ann.request("/api/v2/workspaces", { method: "POST", body });
      expect(response.status).toBe(400);
      expect(problem.parse(await response.json()).errors?.[0]?.pointer).toBe("/name");
    },
  );
});

describe("GET /workspaces", () => {
  it("pages through one's own, and through everybody's for an owner of the site", async () => {
    const carl = await addUser("carl");
    const made: string[] = [];
    for (const name of ["one", "two", "three"]) made.push((await create(carl, name)).id);
    const first = await list(carl, "?limit=2");
    expect(first.count).toBe(3);
    const after = /after_id=([^&>]+)/.exec(first.link ?? "")?.[1];
    const second = await list(carl, `?limit=2&after_id=${after}`);
    expect(second.link).toBeNull();
    expect([...first.workspaces, ...second.workspaces].map((one) => one.id).toSorted()).toEqual(made.toSorted());
    expect((await list(owner, "?limit=200")).workspaces.map((one) => one.id)).toEqual(expect.arrayContaining(made));
    expect((await list(bob)).workspaces.every((one) => one.owner_id === bob.userId)).toBe(true);
  });

  it("refuses cursors and limits that are none", async () => {
    const foreign = await create(bob, "foreign");
    for (const query of [
      "limit=0",
      "limit=201",
      "after_id=x",
      `after_id=${newId()}`,
      `after_id=${foreign.id}`,
      "q=1",
    ]) {
      expect([query, (await ann.request(`/api/v2/workspaces?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe("one workspace", () => {
  it("is renamed, but not to a name that is taken", async () => {
    const [one] = [await create(ann, "before"), await create(ann, "occupied")];
    const rename = (name: string) => ann.request(`/api/v2/workspaces/${one.id}`, { method: "PATCH", body: { name } });
    expect(workspace.parse(await (await rename("after")).json()).name).toBe("after");
    expect((await rename("After")).status).toBe(200);
    expect((await rename("occupied")).status).toBe(409);
    expect((await rename("")).status).toBe(400);
  });

  it("is forgotten, and its name is free again", async () => {
    const one = await create(ann, "gone");
    expect((await ann.request(`/api/v2/workspaces/${one.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await ann.request(`/api/v2/workspaces/${one.id}`)).status).toBe(404);
    expect((await ann.request(`/api/v2/workspaces/${one.id}`, { method: "DELETE" })).status).toBe(404);
    expect((await ann.request(`/api/v2/workspaces/${one.id}/builds`, { method: "POST" })).status).toBe(404);
    expect((await list(ann)).workspaces.map((other) => other.id)).not.toContain(one.id);
    await create(ann, "gone");
  });

  it("counts its builds, also when two are asked for at once", async () => {
    const one = await create(ann, "builds");
    const both = await Promise.all(
      [1, 2].map(() => ann.request(`/api/v2/workspaces/${one.id}/builds`, { method: "POST" })),
    );
    expect(both.map((response) => response.status)).toEqual([201, 201]);
    const read = workspace.parse(await (await ann.request(`/api/v2/workspaces/${one.id}`)).json());
    expect(read.latest_build.build_number).toBe(3);
  });

  it("is 404 for others and 401 for strangers, whatever they try", async () => {
    const foreign = await create(bob, "private");
    const tries: [string, string, object?][] = [
      ["GET", ""],
      ["PATCH", "", { name: "mine" }],
      ["DELETE", ""],
      ["POST", "/builds"],
    ];
    for (const [method, tail, body] of tries) {
      const options = { method, ...(body === undefined ? {} : { body }) };
      for (const id of [foreign.id, newId()]) {
        const response = await ann.request(`/api/v2/workspaces/${id}${tail}`, options);
        expect([method, tail, response.status]).toEqual([method, tail, 404]);
      }
      expect((await anonymous(`/api/v2/workspaces/${foreign.id}${tail}`, options)).status).toBe(401);
      expect((await owner.request(`/api/v2/workspaces/${foreign.id}`)).status).toBe(200);
    }
    expect((await ann.request("/api/v2/workspaces/x")).status).toBe(400);
  });
});

describe("the agent's socket", () => {
  const path = "/api/v2/workspaceagents/me/rpc";
  const upgrade = { upgrade: "websocket" };

  it("needs an agent's token; nobody else's credential opens it", async () => {
    for (const authorization of ["", "Bearer", "Bearer tla_x", `Bearer tla_${"a".repeat(43)}`, "Basic dGxhOng="]) {
      const response = await anonymous(path, { headers: { ...upgrade, authorization } });
      expect([authorization, response.status]).toEqual([authorization, 401]);
    }
    expect(
      (await anonymous(path, { headers: { ...upgrade, cookie: ann.cookie, origin: "http://localhost" } })).status,
    ).toBe(401);
  });

  it("asks for an upgrade, and takes it", async () => {
    const response = await bob.request("/api/v2/workspaces", { method: "POST", body: { name: "dials" } });
    const { agent_token } = workspaceConnection.parse(await response.json());
    const headers = { authorization: `Bearer ${agent_token}` };
    expect((await anonymous(path, { headers })).status).toBe(426);
    const taken = await anonymous(path, { headers: { ...headers, ...upgrade } });
    expect(taken.status).toBe(101);
    taken.webSocket?.accept();
    taken.webSocket?.close();
    // An agent's token is good for its socket and for nothing else.
    expect((await anonymous("/api/v2/workspaces", { headers })).status).toBe(401);
  });
});
