import type { ExternalAuthType } from "../contract/external-auth.ts";

/** What is known of a provider from its type and the address of its API alone. */
export interface ProviderDefaults {
  displayName: string;
  /** Of its pages and its remotes, with a port where it has one; "" = not known. */
  host: string;
  /** "" = the provider's own. */
  apiBaseUrl: string;
  /** From the server's root to its API. */
  apiPath: string;
  authUrl: string;
  tokenUrl: string;
  validateUrl: string;
  /** `{client_id}` stands for the application's. */
  revokeUrl: string;
  deviceCodeUrl: string;
  appInstallationsUrl: string;
  scopes: string[];
}

interface Known {
  displayName: string;
  web: string;
  api: string;
  apiPath: string;
  /** Under the root of its pages. */
  paths: Pick<ProviderDefaults, "authUrl" | "tokenUrl" | "revokeUrl" | "deviceCodeUrl">;
  /** Under its API. */
  apiPaths: Pick<ProviderDefaults, "validateUrl" | "revokeUrl" | "appInstallationsUrl">;
  /** The least with which pull requests can be read; GitHub has nothing less for private ones. */
  scopes: string[];
}

const known: Record<Exclude<ExternalAuthType, "generic">, Known> = {
  github: {
    displayName: "GitHub",
    web: "https://github.com",
    api: "https://api.github.com",
    apiPath: "/api/v3",
    paths: {
      authUrl: "/login/oauth/authorize",
      tokenUrl: "/login/oauth/access_token",
      revokeUrl: "",
      deviceCodeUrl: "/login/device/code",
    },
    apiPaths: {
      validateUrl: "/user",
      revokeUrl: "/applications/{client_id}/grant",
      appInstallationsUrl: "/user/installations",
    },
    scopes: ["repo"],
  },
  gitlab: {
    displayName: "GitLab",
    web: "https://gitlab.com",
    api: "https://gitlab.com/api/v4",
    apiPath: "/api/v4",
    paths: {
      authUrl: "/oauth/authorize",
      tokenUrl: "/oauth/token",
      revokeUrl: "/oauth/revoke",
      deviceCodeUrl: "/oauth/authorize_device",
    },
    apiPaths: { validateUrl: "/user", revokeUrl: "", appInstallationsUrl: "" },
    scopes: ["read_user", "read_api"],
  },
  gitea: {
    displayName: "Gitea",
    web: "https://gitea.com",
    api: "https://gitea.com/api/v1",
    apiPath: "/api/v1",
    paths: {
      authUrl: "/login/oauth/authorize",
      tokenUrl: "/login/oauth/access_token",
      revokeUrl: "",
      deviceCodeUrl: "",
    },
    apiPaths: { validateUrl: "/user", revokeUrl: "", appInstallationsUrl: "" },
    scopes: ["read:user", "read:repository"],
  },
};

const nothing: ProviderDefaults = {
  ...{ displayName: "", host: "", apiPath: "", authUrl: "", tokenUrl: "", validateUrl: "", revokeUrl: "" },
  ...{ deviceCodeUrl: "", appInstallationsUrl: "", apiBaseUrl: "", scopes: [] },
};

/** `apiBaseUrl`: of a server of one's own, without a slash at its end; "" is the provider's public one. */
export function defaultsOf(type: ExternalAuthType, apiBaseUrl: string): ProviderDefaults {
  if (type === "generic") return { ...nothing, apiBaseUrl };
  const { displayName, apiPath, paths, apiPaths, scopes, ...own } = known[type];
  const api = apiBaseUrl || own.api;
  const web = apiBaseUrl === "" || apiBaseUrl === own.api ? own.web : webOf(apiBaseUrl, apiPath);
  const under = (base: string, path: string) => (path === "" ? "" : base + path);
  return {
    displayName,
    host: new URL(web).host,
    apiBaseUrl,
    apiPath,
    authUrl: under(web, paths.authUrl),
    tokenUrl: under(web, paths.tokenUrl),
    validateUrl: under(api, apiPaths.validateUrl),
    revokeUrl: under(web, paths.revokeUrl) || under(api, apiPaths.revokeUrl),
    deviceCodeUrl: under(web, paths.deviceCodeUrl),
    appInstallationsUrl: under(api, apiPaths.appInstallationsUrl),
    scopes,
  };
}

/** Where the pages are, of a server whose API is there: `…/api/v3` stands below them, `api.` before them. */
function webOf(apiBaseUrl: string, apiPath: string): string {
  if (apiBaseUrl.endsWith(apiPath)) return apiBaseUrl.slice(0, -apiPath.length);
  const url = new URL(apiBaseUrl);
  return `${url.protocol}//${url.host.replace(/^api\.(?=[^.]+\.)/, "")}`;
}
