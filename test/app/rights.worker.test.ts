import { describe, expect, it } from "vitest";
import { rights } from "../../src/contract/rights.ts";
import { getTestApp } from "../support/app.ts";

const { owner, addUser, anonymous } = await getTestApp();

async function rightsOf(who: Awaited<ReturnType<typeof addUser>>) {
  return rights.parse(await (await who.request("/api/v2/users/me/rights")).json());
}

describe("what the caller may do", () => {
  it("is everything for an owner", async () => {
    const found = await rightsOf(owner);
    expect(found).toMatchObject({
      manage_deployment: true,
      read_deployment: true,
      read_users: true,
      manage_users: true,
      create_organizations: true,
      read_audit_log: true,
      read_all_usage: true,
    });
    expect(found.organizations).toMatchObject([
      { name: "default", is_default: true, is_member: true, update: true, manage_members: true, manage_groups: true },
    ]);
  });

  it("is little for a member, who sees their own organisation", async () => {
    const found = await rightsOf(await addUser("rights-member"));
    expect(found).toMatchObject({
      manage_deployment: false,
      read_deployment: false,
      read_users: false,
      manage_users: false,
      create_organizations: false,
      read_audit_log: false,
      read_all_usage: false,
    });
    expect(found.organizations).toMatchObject([
      {
        update: false,
        read_usage: false,
        read_members: true,
        manage_members: false,
        read_groups: true,
        create_workspaces: true,
      },
    ]);
  });

  it.each([
    [
      "auditor",
      { read_audit_log: true, read_users: true, manage_users: false, manage_deployment: false, read_deployment: true },
    ],
    [
      "user-admin",
      { read_audit_log: false, read_users: true, manage_users: true, manage_deployment: false, read_deployment: false },
    ],
  ] as const)("is what the role says for a %s", async (role, expected) => {
    expect(await rightsOf(await addUser(`rights-${role}`, ["member", role]))).toMatchObject(expected);
  });

  it("is for people who are signed in", async () => {
    expect((await anonymous("/api/v2/users/me/rights")).status).toBe(401);
  });
});
