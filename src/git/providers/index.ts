import { giteaProvider } from "./gitea.ts";
import { githubProvider } from "./github.ts";
import { gitlabProvider } from "./gitlab.ts";
import type { GitProvider, GitProviderOptions } from "./provider.ts";

const PROVIDERS = { github: githubProvider, gitlab: gitlabProvider, gitea: giteaProvider };

/** A provider, to be asked in the name of whoever the token is of. It asks one thing after the other. */
export function gitProvider(options: GitProviderOptions): GitProvider {
  return PROVIDERS[options.type](options);
}
