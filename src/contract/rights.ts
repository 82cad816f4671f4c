import { z } from "zod";
import { id } from "./common.ts";

/** `GET /api/v2/users/me/rights`: what the caller may do, for pages that would rather not offer dead ends. */
export const rights = z
  .object({
    manage_deployment: z.boolean(),
    /** Settings and figures of the whole deployment. */
    read_deployment: z.boolean(),
    read_users: z.boolean(),
    manage_users: z.boolean(),
    create_organizations: z.boolean(),
    /** Of the whole deployment, or of one of the organisations below. */
    read_audit_log: z.boolean(),
    /** What everybody spent; of one organisation see below. */
    read_all_usage: z.boolean(),
    /** Every organisation that the caller may see, by name. */
    organizations: z.array(
      z.object({
        id,
        name: z.string(),
        display_name: z.string(),
        is_default: z.boolean(),
        is_member: z.boolean(),
        update: z.boolean(),
        read_members: z.boolean(),
        manage_members: z.boolean(),
        read_groups: z.boolean(),
        manage_groups: z.boolean(),
        create_workspaces: z.boolean(),
        /** What everybody spent there. */
        read_usage: z.boolean(),
      }),
    ),
  })
  .meta({ id: "Rights" });
export type Rights = z.infer<typeof rights>;
export type OrganizationRights = Rights["organizations"][number];
