import { gitProviderTypes, type GitProviderType } from "../contract/git.ts";
import type { ExternalAuthSettings } from "../external-auth/ports.ts";
import { sameName } from "./providers/fields.ts";
import { gitProvider } from "./providers/index.ts";
import type { GitProvider, GitProviderOptions, PullRequestRef, RepositoryRef } from "./providers/provider.ts";
import { gitUrls, type GitUrls } from "./providers/urls.ts";

/** Which of the configured providers something belongs to. A token for it is one of `settings.id`, and no other's. */
export interface Resolved<Ref> {
  settings: ExternalAuthSettings;
  type: GitProviderType;
  urls: GitUrls;
  ref: Ref;
}

/**
 * The repository behind a remote of git. The first provider whose expression fits decides, even when it then cannot
 * make anything of it: a token never goes to a second guess. Null also for one whose API nobody here speaks.
 */
export function resolveOrigin(
  providers: readonly ExternalAuthSettings[],
  origin: string,
): Resolved<RepositoryRef> | null {
  const settings = providers.find(({ regex }) => regex.test(origin));
  const type = gitProviderTypes.find((known) => known === settings?.type);
  if (settings === undefined || type === undefined) return null;
  const urls = gitUrls(type, settings.apiBaseUrl);
  const ref = urls.parseOrigin(origin);
  return ref === null ? null : { settings, type, urls, ref };
}

/** Whether one of these remotes is of that repository, however it is written. */
export function isAmong(
  { settings, ref: { owner, name } }: Resolved<RepositoryRef>,
  providers: readonly ExternalAuthSettings[],
  origins: readonly string[],
): boolean {
  return origins.some((origin) => {
    const found = resolveOrigin(providers, origin);
    return found?.settings.id === settings.id && sameName(found.ref.owner, owner) && sameName(found.ref.name, name);
  });
}

/** The pull request of an address: of the first provider whose pages it is on. */
export function resolvePullRequestUrl(
  providers: readonly ExternalAuthSettings[],
  url: string,
): Resolved<PullRequestRef> | null {
  for (const settings of providers) {
    const type = gitProviderTypes.find((known) => known === settings.type);
    if (type === undefined) continue;
    const urls = gitUrls(type, settings.apiBaseUrl);
    const ref = urls.parsePullRequestUrl(url);
    if (ref !== null) return { settings, type, urls, ref };
  }
  return null;
}

/** The provider that was found, to be asked with a token of its own. */
export function providerOf(
  { settings, type }: Resolved<unknown>,
  options: Omit<GitProviderOptions, "type" | "apiBaseUrl">,
): GitProvider {
  return gitProvider({ ...options, type, apiBaseUrl: settings.apiBaseUrl });
}
