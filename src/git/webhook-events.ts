import { z } from "zod";
import type { GitProviderType } from "../contract/git.ts";
import { sameName } from "./providers/fields.ts";
import type { RepositoryRef } from "./providers/provider.ts";
import type { GitUrls } from "./providers/urls.ts";

/** What an event is about; whatever else it says is asked of the provider again. */
export interface GitEvent {
  /** As `normalizePullRequestUrl` writes it. */
  pullRequestUrl: string | null;
  /** The branch that was pushed to, or that the pull request is of, in the repository that it is in. */
  branch: { repository: RepositoryRef; name: string } | null;
}

const named = z.object({ full_name: z.string() });
const changed = z.object({
  repository: named,
  pull_request: z.object({
    html_url: z.string(),
    head: z.object({ ref: z.string(), repo: named.nullish() }),
  }),
});
const pushed = z.object({ ref: z.string(), repository: named });

const mergeRequest = z.object({
  project: z.object({ path_with_namespace: z.string() }),
  object_attributes: z.object({
    url: z.string(),
    source_branch: z.string(),
    source: z.object({ path_with_namespace: z.string() }).nullish(),
    source_project_id: z.int().nullish(),
    target_project_id: z.int().nullish(),
  }),
});
const gitlabPush = z.object({ ref: z.string(), project: z.object({ path_with_namespace: z.string() }) });

/** Null for an event that is none of ours: another kind, a tag, or of another host. */
export function readGitEvent(type: GitProviderType, headers: Headers, body: unknown, urls: GitUrls): GitEvent | null {
  switch (type) {
    case "github":
      return readHubEvent(headers.get("x-github-event") ?? "", body, urls);
    case "gitea":
      return readHubEvent(headers.get("x-gitea-event") ?? "", body, urls);
    case "gitlab":
      return readGitlabEvent(body, urls);
  }
}

/** Gitea has GitHub's shapes, and more words for reviews: all begin alike. */
function readHubEvent(name: string, body: unknown, urls: GitUrls): GitEvent | null {
  if (name === "push") {
    const push = pushed.safeParse(body).data;
    return push === undefined ? null : pushTo(push.ref, push.repository.full_name, urls);
  }
  const event = name.startsWith("pull_request") ? changed.safeParse(body).data : undefined;
  if (event === undefined) return null;
  const { html_url: url, head } = event.pull_request;
  const own = sameName(head.repo?.full_name, event.repository.full_name);
  return pullRequestOf(url, own ? { path: event.repository.full_name, name: head.ref } : null, urls);
}

function readGitlabEvent(body: unknown, urls: GitUrls): GitEvent | null {
  const kind = z.object({ object_kind: z.string() }).safeParse(body).data?.object_kind;
  if (kind === "push") {
    const push = gitlabPush.safeParse(body).data;
    return push === undefined ? null : pushTo(push.ref, push.project.path_with_namespace, urls);
  }
  const event = kind === "merge_request" ? mergeRequest.safeParse(body).data : undefined;
  if (event === undefined) return null;
  const { url, source_branch: name, source_project_id: source, target_project_id: target } = event.object_attributes;
  const own = source === target;
  return pullRequestOf(url, own ? { path: event.project.path_with_namespace, name } : null, urls);
}

function pullRequestOf(url: string, head: { path: string; name: string } | null, urls: GitUrls): GitEvent | null {
  const pullRequestUrl = urls.normalizePullRequestUrl(url);
  if (pullRequestUrl === null) return null;
  const repository = head === null ? null : repositoryOf(head.path, urls);
  return { pullRequestUrl, branch: head === null || repository === null ? null : { repository, name: head.name } };
}

function pushTo(ref: string, path: string, urls: GitUrls): GitEvent | null {
  const name = /^refs\/heads\/(.+)$/s.exec(ref)?.[1];
  const repository = repositoryOf(path, urls);
  return name === undefined || repository === null ? null : { pullRequestUrl: null, branch: { repository, name } };
}

function repositoryOf(path: string, urls: GitUrls): RepositoryRef | null {
  return urls.parseOrigin(`git@${new URL(urls.webBaseUrl).hostname}:${path}`);
}
