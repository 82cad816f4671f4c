import type { OrganizationRole } from "../contract/organizations.ts";

/** The roles of an organisation as people read them. */
export const roleWords: Record<OrganizationRole, { display_name: string; description: string }> = {
  "organization-admin": {
    display_name: "Admin",
    description: "Manages the organisation, its members, groups and workspaces.",
  },
  "organization-auditor": {
    display_name: "Auditor",
    description: "Reads the audit log, members and groups; changes nothing.",
  },
  "organization-user-admin": {
    display_name: "User admin",
    description: "Adds and removes members and manages groups.",
  },
  "organization-template-admin": {
    display_name: "Template admin",
    description: "Manages templates and sees workspaces.",
  },
  "organization-workspace-creation-ban": {
    display_name: "No new workspaces",
    description: "May not make workspaces, whatever other roles allow.",
  },
};
