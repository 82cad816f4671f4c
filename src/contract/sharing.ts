import { z } from "zod";
import { id, timestamp } from "./common.ts";
import { minimalUser } from "./identity.ts";
import { group } from "./organizations.ts";

/** `use`: read, and run things there. `admin`: all but delete it. */
export const workspaceShareRoles = ["use", "admin"] as const;
/** `viewer`: read and watch. `collaborator`: also send. */
export const chatShareRoles = ["viewer", "collaborator"] as const;
export type ChatShareRole = (typeof chatShareRoles)[number];

/** `GET /api/v2/workspaces/{workspace}/acl`. The key `group` is singular for clients of the reference API. */
export const workspaceAcl = z
  .object({
    users: z.array(minimalUser.extend({ role: z.enum(workspaceShareRoles) })),
    group: z.array(group.extend({ role: z.enum(workspaceShareRoles) })),
  })
  .meta({ id: "WorkspaceAcl" });
export type WorkspaceAcl = z.infer<typeof workspaceAcl>;

/** Role names by id; the empty name takes the entry away. Checked by the route, which gathers all that is wrong. */
const roleNames = z.record(z.string().max(100), z.string().max(40)).optional();

/** `PATCH /api/v2/workspaces/{workspace}/acl`: what is not named stays. */
export const updateWorkspaceAclRequest = z
  .object({ user_roles: roleNames, group_roles: roleNames })
  .meta({ id: "UpdateWorkspaceAclRequest" });

/** `GET /api/v2/chats/{chat}/shares`: with whom the chat and its sub-agents' chats are shared. */
export const chatShares = z
  .object({
    /** Whether the caller may change it. */
    may_share: z.boolean(),
    owner: minimalUser,
    users: z.array(minimalUser.extend({ role: z.enum(chatShareRoles), shared_at: timestamp })),
    groups: z.array(group.omit({ members: true }).extend({ role: z.enum(chatShareRoles), shared_at: timestamp })),
  })
  .meta({ id: "ChatShares" });
export type ChatShares = z.infer<typeof chatShares>;

/** `PATCH /api/v2/chats/{chat}/shares`: as the ACL of a workspace; a user may be named by id or user name. */
export const updateChatSharesRequest = z
  .object({ user_roles: roleNames, group_roles: roleNames })
  .meta({ id: "UpdateChatSharesRequest" });

/** `GET /api/v2/chats/shares`: every share that the caller has given, newest first. */
export const givenChatShare = z
  .object({
    id: z.string(),
    chat_id: id,
    title: z.string(),
    subject_type: z.enum(["user", "group"]),
    subject_id: id,
    subject_name: z.string(),
    role: z.enum(chatShareRoles),
    shared_at: timestamp,
  })
  .meta({ id: "GivenChatShare" });
export type GivenChatShare = z.infer<typeof givenChatShare>;

/** `GET/PUT /api/v2/chats/config/sharing`: whether chats may be shared in this deployment at all. */
export const chatSharingSetting = z.object({ chat_sharing_enabled: z.boolean() }).meta({ id: "ChatSharingSetting" });
export type ChatSharingSetting = z.infer<typeof chatSharingSetting>;

/** `GET /api/v2/chats/{chat}/people`: everybody who wrote in the chat or owns it, for names and pictures. */
export const chatPeople = z.object({ people: z.array(minimalUser) }).meta({ id: "ChatPeople" });
