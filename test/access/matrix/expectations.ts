import type { Name, Place } from "./world.ts";

/*
 * Who may do what to which thing, written by hand from what the product promises, and not asked of the code
 * that decides. Before the bar: who may. Behind it: who may see that the thing is there, and gets a 403. To
 * everybody else it is not there, a 404. Whoever is not signed in gets a 401.
 */

const EVERYBODY =
  "owner auditor userAdmin templateAdmin self viewer collaborator groupViewer colleague orgAdmin orgAuditor orgUserAdmin orgTemplateAdmin stranger service";
/** All but the stranger are members of the organisation at home. */
const HOME =
  "owner auditor userAdmin templateAdmin self viewer collaborator groupViewer colleague orgAdmin orgAuditor orgUserAdmin orgTemplateAdmin service";

/** On what belongs to `self` and is at home; on what belongs to `stranger` and is far. */
const lines: Record<string, Record<Place, string>> = {
  "chat.read": { home: "self viewer collaborator groupViewer owner", far: "stranger owner" },
  "chat.use": { home: "self collaborator owner | viewer groupViewer", far: "stranger owner" },
  "chat.update": { home: "self owner | viewer groupViewer collaborator", far: "stranger owner" },
  "chat.share": { home: "self owner | viewer groupViewer collaborator", far: "stranger owner" },
  /** Whoever sees it is told why they can't, where they can't. */
  "chat.leave": { home: "self viewer collaborator groupViewer owner", far: "stranger owner" },
  /** What `self` wrote there: a collaborator changes their own words only. */
  "chat.reword": { home: "self owner | viewer groupViewer collaborator", far: "stranger owner" },
  /** What was said stays its author's to say anew. */
  "chat.author": { home: "self | owner viewer groupViewer collaborator", far: "stranger | owner" },

  "workspace.read": {
    home: "self viewer collaborator groupViewer owner templateAdmin orgAdmin orgTemplateAdmin",
    far: "stranger owner templateAdmin",
  },
  "workspace.update": {
    home: "self collaborator owner orgAdmin | viewer groupViewer templateAdmin orgTemplateAdmin",
    far: "stranger owner | templateAdmin",
  },
  "workspace.share": {
    home: "self collaborator owner orgAdmin | viewer groupViewer templateAdmin orgTemplateAdmin",
    far: "stranger owner | templateAdmin",
  },
  "workspace.delete": {
    home: "self owner orgAdmin | viewer groupViewer collaborator templateAdmin orgTemplateAdmin",
    far: "stranger owner | templateAdmin",
  },

  "user.read": {
    home: "self owner auditor userAdmin templateAdmin",
    far: "stranger owner auditor userAdmin templateAdmin",
  },
  "user.update": {
    home: "self owner userAdmin | auditor templateAdmin",
    far: "stranger owner userAdmin | auditor templateAdmin",
  },
  /** What nobody does to their own account; the accounts are others' than those of the people here. */
  "user.govern": { home: "owner userAdmin | auditor templateAdmin", far: "owner userAdmin | auditor templateAdmin" },
  /** What others do to it, and the person in another way. */
  "user.rescue": {
    home: "owner userAdmin | self auditor templateAdmin",
    far: "owner userAdmin | stranger auditor templateAdmin",
  },
  /** To look from where somebody signed in is reading for themselves, and for others as much as ending it. */
  "user.watch": {
    home: "self owner userAdmin | auditor templateAdmin",
    far: "stranger owner userAdmin | auditor templateAdmin",
  },
  /** What only the person themselves does. */
  "user.person": {
    home: "self | owner userAdmin auditor templateAdmin",
    far: "stranger | owner userAdmin auditor templateAdmin",
  },
  /** Tokens of a person are theirs, and no admin of people sees them; an owner of the deployment may do everything. */
  "api_key.create": {
    home: "self owner | userAdmin auditor templateAdmin",
    far: "stranger owner | userAdmin auditor templateAdmin",
  },
  "api_key.read": { home: "self owner", far: "stranger owner" },
  "api_key.delete": { home: "self owner", far: "stranger owner" },

  /** Nobody learns from it who is there: whoever may not gets a 403 about everybody. */
  "usage.read": {
    home: "self owner auditor orgAdmin | userAdmin templateAdmin viewer collaborator groupViewer colleague orgAuditor orgUserAdmin orgTemplateAdmin stranger service",
    far: "stranger owner auditor | userAdmin templateAdmin self viewer collaborator groupViewer colleague orgAdmin orgAuditor orgUserAdmin orgTemplateAdmin service",
  },

  "organization.read": { home: HOME, far: "stranger owner auditor userAdmin templateAdmin" },
  "organization.update": {
    home: "owner orgAdmin | auditor userAdmin templateAdmin self viewer collaborator groupViewer colleague orgAuditor orgUserAdmin orgTemplateAdmin service",
    far: "owner | stranger auditor userAdmin templateAdmin",
  },
  "organization_member.manage": {
    home: "owner userAdmin orgAdmin orgUserAdmin | auditor templateAdmin self viewer collaborator groupViewer colleague orgAuditor orgTemplateAdmin service",
    far: "owner userAdmin | stranger auditor templateAdmin",
  },
  "group.read": { home: HOME, far: "stranger owner auditor userAdmin templateAdmin" },
  "group.manage": {
    home: "owner userAdmin orgAdmin orgUserAdmin | auditor templateAdmin self viewer collaborator groupViewer colleague orgAuditor orgTemplateAdmin service",
    far: "owner userAdmin | stranger auditor templateAdmin",
  },
};

/** On what belongs to nobody; whoever may not gets a 403. */
const common: Record<string, string> = {
  everybody: EVERYBODY,
  "chat.create": EVERYBODY,
  "workspace.create": EVERYBODY,
  "user.read": EVERYBODY,
  "user.update": EVERYBODY,
  "usage.read": EVERYBODY,
  "user.create": "owner userAdmin",
  "organization.create": "owner",
  "audit_log.read": "owner auditor orgAdmin orgAuditor",
  "usage.report": "owner auditor orgAdmin",
  "usage.everywhere": "owner auditor",
  "deployment_config.read": "owner auditor",
  "deployment_config.update": "owner",
};

export type Verdict = "allowed" | "forbidden" | "hidden";

/** What the lines say of this person. */
export function verdictFor(rule: string, place: Place | "common", name: Name): Verdict {
  const line = place === "common" ? common[rule] : lines[rule]?.[place];
  if (line === undefined) throw new Error(`Nobody has written down who may ${rule} (${place})`);
  const [may = "", sees = ""] = line.split("|").map((part) => ` ${part.trim()} `);
  if (may.includes(` ${name} `)) return "allowed";
  return place === "common" || sees.includes(` ${name} `) ? "forbidden" : "hidden";
}

const scopeActions: Record<string, string> = {
  ...{ reword: "use", author: "use", leave: "share" },
  ...{ report: "read", everywhere: "read" },
  ...{ govern: "update", rescue: "update", watch: "update", person: "update", manage: "update" },
};

/** A rule as scopes speak of it: its resource and action, and the rule of seeing the thing at all. */
export function scopeAction(rule: string, name: Name): { resource: string; action: string; sees: string } {
  const [resource = "", verb = ""] = rule.split(".");
  const sees =
    { "organization_member.manage": "organization.read", "api_key.create": "user.read" }[rule] ?? `${resource}.read`;
  const isOwn = name === "self" || name === "stranger";
  const action = verb === "watch" && isOwn ? "read" : (scopeActions[verb] ?? verb);
  return { resource, action, sees };
}
