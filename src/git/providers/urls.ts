import type { GitProviderType } from "../../contract/git.ts";
import type { GitProvider, PullRequestRef, RepositoryRef } from "./provider.ts";

/** What of a provider needs no token and asks nobody. */
export type GitUrls = Pick<
  GitProvider,
  "webBaseUrl" | "parseOrigin" | "parsePullRequestUrl" | "normalizePullRequestUrl" | "pullRequestUrl" | "branchUrl"
>;

interface Habits {
  apiBaseUrl: string;
  /** What its API's address ends with, after that of its pages. */
  apiSuffix: RegExp;
  /** Between the repository and the number, as it writes it and as it also reads it. */
  pullRequest: string;
  readsToo: string[];
  /** Between the repository and a branch. */
  branch: string;
  /** Whether owners are in groups of groups. */
  deepOwners: boolean;
}

const HABITS: Record<GitProviderType, Habits> = {
  github: {
    apiBaseUrl: "https://api.github.com",
    apiSuffix: /\/api\/v3$/,
    pullRequest: "pull",
    readsToo: [],
    branch: "tree",
    deepOwners: false,
  },
  gitlab: {
    apiBaseUrl: "https://gitlab.com/api/v4",
    apiSuffix: /\/api\/v4$/,
    pullRequest: "-/merge_requests",
    readsToo: ["merge_requests"],
    branch: "-/tree",
    deepOwners: true,
  },
  gitea: {
    apiBaseUrl: "https://gitea.com/api/v1",
    apiSuffix: /\/api\/v1$/,
    pullRequest: "pulls",
    readsToo: [],
    branch: "src/branch",
    deepOwners: false,
  },
};

/** Of owners, groups and repositories. */
const NAME = /^[A-Za-z0-9_.-]+$/;
/** What a sentence leaves behind an address. */
const TRAILING_PUNCTUATION = /[),;.]+$/;
/** Far above any; below what a number holds exactly. */
const PULL_REQUEST_NUMBER = /^0*[1-9]\d{0,9}$/;
/** GitHub's cloud with a place of its own: `api.acme.ghe.com` answers for `acme.ghe.com`. */
const PLACED_CLOUD = /^api\.((?:[a-z0-9-]+\.)+ghe\.com)$/;

/** Of the API, without a trailing slash; "" = the provider's own. */
export function apiBaseOf(type: GitProviderType, apiBaseUrl: string): string {
  return (apiBaseUrl === "" ? HABITS[type].apiBaseUrl : apiBaseUrl).replace(/\/+$/, "");
}

/** How a provider writes addresses, and what it reads in them. `apiBaseUrl` as in `GitProviderOptions`. */
export function gitUrls(type: GitProviderType, apiBaseUrl: string): GitUrls {
  const habits = HABITS[type];
  const webBaseUrl = webBaseOf(type, apiBaseOf(type, apiBaseUrl));
  const { hostname, pathname } = new URL(webBaseUrl);
  const prefix = pathname.replace(/\/$/, "");
  const words = [habits.pullRequest, ...habits.readsToo].join("|");
  const pullRequestPath = new RegExp(`^([^?#]+?)/(?:${words})/(\\d+)(?:[/?#]|$)`);

  function repositoryAt(path: string): RepositoryRef | null {
    const names = path.split("/");
    const name = names.pop() ?? "";
    const ref = { owner: names.join("/"), name };
    return isRepository(ref, habits) ? ref : null;
  }

  function parseOrigin(origin: string): RepositoryRef | null {
    const text = origin.trim();
    // Whatever the API's own scheme is: over http, anybody between could have answered.
    const overHttps = afterHost(text, `https://${new URL(webBaseUrl).host}${prefix}/`);
    if (overHttps !== null) return repositoryAt(withoutEnding(overHttps));
    const [, host, path] = /^(?:git@([^:/]+):|ssh:\/\/git@([^:/]+)(?::\d+)?\/)(.+)$/.exec(text)?.filter(Boolean) ?? [];
    return host?.toLowerCase() === hostname && path !== undefined ? repositoryAt(withoutEnding(path)) : null;
  }

  function parsePullRequestUrl(url: string): PullRequestRef | null {
    const path = afterHost(url.trim().replace(TRAILING_PUNCTUATION, ""), `${webBaseUrl}/`);
    if (path === null) return null;
    const [, names, number = ""] = pullRequestPath.exec(path) ?? [];
    const ref = names === undefined ? null : repositoryAt(names);
    if (ref !== null && PULL_REQUEST_NUMBER.test(number)) return { ...ref, number: Number(number) };
    return null;
  }

  function pullRequestUrl(ref: PullRequestRef): string | null {
    if (!isRepository(ref, habits) || !PULL_REQUEST_NUMBER.test(String(ref.number))) return null;
    return `${webBaseUrl}/${ref.owner}/${ref.name}/${habits.pullRequest}/${ref.number}`;
  }

  return {
    webBaseUrl,
    parseOrigin,
    parsePullRequestUrl,
    pullRequestUrl,
    normalizePullRequestUrl(url) {
      const ref = parsePullRequestUrl(url);
      return ref === null ? null : pullRequestUrl(ref);
    },
    branchUrl(ref, branch) {
      const path = branchPath(branch);
      if (path === null || !isRepository(ref, habits)) return null;
      return `${webBaseUrl}/${ref.owner}/${ref.name}/${habits.branch}/${path}`;
    },
  };
}

/** A branch as a part of an address: its slashes stay. Null for what git would not take for a branch. */
export function branchPath(branch: string): string | null {
  const parts = branch.split("/");
  // An address with a dot or two between slashes leads elsewhere.
  if (parts.some((part) => part.trim() === "" || part === "." || part === "..")) return null;
  return parts.map((part) => encodeURIComponent(part.toWellFormed())).join("/");
}

/** Whether these are names that may stand in an address of the provider. */
export function isNamed(type: GitProviderType, ref: RepositoryRef): boolean {
  return isRepository(ref, HABITS[type]);
}

function isRepository({ owner, name }: RepositoryRef, { deepOwners }: Habits): boolean {
  const owners = owner.split("/");
  if (!deepOwners && owners.length > 1) return false;
  // GitLab keeps the lone "-" for what is in a project.
  return [...owners, name].every((part) => NAME.test(part) && part !== "." && part !== ".." && part !== "-");
}

/** Of a remote's path: what git lets people write or leave out. */
function withoutEnding(path: string): string {
  return path.replace(/\/$/, "").replace(/\.git$/, "");
}

/** What follows `start`, whose host may be written in capitals. */
function afterHost(text: string, start: string): string | null {
  const hostEnd = start.indexOf("/", start.indexOf("//") + 2);
  const fits =
    text.slice(0, hostEnd).toLowerCase() === start.slice(0, hostEnd) &&
    text.slice(hostEnd, start.length) === start.slice(hostEnd);
  return fits ? text.slice(start.length) : null;
}

function webBaseOf(type: GitProviderType, apiBaseUrl: string): string {
  const { host, origin, pathname } = new URL(apiBaseUrl);
  if (host === "api.github.com") return "https://github.com";
  const placed = type === "github" ? PLACED_CLOUD.exec(host)?.[1] : undefined;
  if (placed !== undefined) return `https://${placed}`;
  return (origin + pathname).replace(/\/$/, "").replace(HABITS[type].apiSuffix, "");
}
