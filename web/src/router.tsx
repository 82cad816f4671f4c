import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { z } from "zod";
import { externalAuthFailures } from "../../src/contract/external-auth.ts";
import { outsideFailures, outsideWays } from "../../src/contract/sign-in.ts";
import { ApiError } from "./api/error.ts";
import { meQuery, setupQuery } from "./api/queries.ts";
import { AppShell } from "./shell/app-shell.tsx";
import { auditPageSearch } from "./pages/audit/audit-search.ts";
import { insightsSearch } from "./pages/insights/insights-search.ts";
import { ownUsageSearch, teamUsageSearch } from "./pages/usage/usage-search.ts";
import { NotFoundPage, PageCrash } from "./pages/not-found.tsx";

interface RouterContext {
  queryClient: QueryClient;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
});

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/setup",
  validateSearch: z.object({ token: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import("./pages/setup.tsx"), "SetupPage"),
});

/** What was in the way of a way through another site: one of the words of the contract. */
const outsideSearch = z.object({
  failure: z.enum(outsideFailures).optional().catch(undefined),
  way: z.enum(outsideWays).optional().catch(undefined),
});

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  /** `back` is a path of this app, where sign-in leads. */
  validateSearch: outsideSearch.extend({ back: z.string().startsWith("/").optional().catch(undefined) }),
  component: lazyRouteComponent(() => import("./pages/login.tsx"), "LoginPage"),
});

/** Links that work once; what they are for, the server says. */
const inviteRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invite",
  component: lazyRouteComponent(() => import("./pages/links/link-page.tsx"), "LinkPage"),
});

const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset-password",
  component: lazyRouteComponent(() => import("./pages/links/link-page.tsx"), "LinkPage"),
});

/** Everything behind the sign-in. */
const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "app",
  async beforeLoad({ context, location }) {
    try {
      return { me: await context.queryClient.ensureQueryData(meQuery) };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const { completed } = await context.queryClient.fetchQuery({ ...setupQuery, staleTime: 0 });
      if (!completed) throw redirect({ to: "/setup", replace: true });
      const back = location.href === "/" ? undefined : location.href;
      throw redirect({ to: "/login", search: { back }, replace: true });
    }
  },
  component: AppShell,
});

const newChatRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/chat.tsx"), "NewChatRoute"),
});

const chatRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/chats/$chatId",
  /** `message` is the one to show: where a search leads. */
  validateSearch: z.object({ message: z.int().min(1).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import("./pages/chat.tsx"), "ChatRoute"),
});

const workspacesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/workspaces",
  component: lazyRouteComponent(() => import("./pages/workspaces/workspaces-page.tsx"), "WorkspacesPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/settings",
  beforeLoad({ location }) {
    if (location.pathname.replace(/\/$/, "") === "/settings")
      throw redirect({ to: "/settings/account", replace: true });
  },
});

const accountRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("./pages/account/account-page.tsx"), "AccountPage"),
});

const securityRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/security",
  validateSearch: outsideSearch,
  component: lazyRouteComponent(() => import("./pages/account/security/security-page.tsx"), "SecurityPage"),
});

const promptsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/prompts",
  component: lazyRouteComponent(() => import("./pages/prompts/prompts-page.tsx"), "PromptsPage"),
});

const externalAuthRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/external-auth",
  /** How the way to a service ended. */
  validateSearch: z.object({
    failure: z.enum(externalAuthFailures).optional().catch(undefined),
    provider: z.string().optional().catch(undefined),
    connected: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import("./pages/external-auth/external-auth-page.tsx"), "ExternalAuthPage"),
});

const sharedChatsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/shared-chats",
  component: lazyRouteComponent(() => import("./pages/shared-chats/shared-chats-page.tsx"), "SharedChatsPage"),
});

const providersRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/providers",
  component: lazyRouteComponent(() => import("./pages/providers/providers-page.tsx"), "ProvidersPage"),
});

const modelsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/models",
  component: lazyRouteComponent(() => import("./pages/models/models-page.tsx"), "ModelsPage"),
});

const usageRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/usage",
  validateSearch: ownUsageSearch,
  component: lazyRouteComponent(() => import("./pages/usage/usage-page.tsx"), "UsagePage"),
});

const teamUsageRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/usage/people",
  validateSearch: teamUsageSearch,
  component: lazyRouteComponent(() => import("./pages/usage/team-page.tsx"), "TeamUsagePage"),
});

const usageLimitsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/usage-limits",
  component: lazyRouteComponent(() => import("./pages/usage-limits/limits-page.tsx"), "LimitsPage"),
});

const usersRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/users",
  component: lazyRouteComponent(() => import("./pages/users/users-page.tsx"), "UsersPage"),
});

const membersRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/members",
  component: lazyRouteComponent(() => import("./pages/organizations/members-page.tsx"), "MembersPage"),
});

const groupsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/groups",
  component: lazyRouteComponent(() => import("./pages/organizations/groups-page.tsx"), "GroupsPage"),
});

const sharingRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/sharing",
  component: lazyRouteComponent(() => import("./pages/organizations/sharing-page.tsx"), "SharingPage"),
});

const organizationsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/organizations",
  component: lazyRouteComponent(() => import("./pages/organizations/organizations-page.tsx"), "OrganizationsPage"),
});

const auditRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/audit",
  validateSearch: auditPageSearch,
  component: lazyRouteComponent(() => import("./pages/audit/audit-page.tsx"), "AuditPage"),
});

const insightsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/agents/settings/insights",
  validateSearch: insightsSearch,
  component: lazyRouteComponent(() => import("./pages/insights/insights-page.tsx"), "InsightsPage"),
});

const insightsOfSettingsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/insights",
  validateSearch: insightsSearch,
  beforeLoad({ search }) {
    throw redirect({ to: "/agents/settings/insights", search, replace: true });
  },
});

const routeTree = rootRoute.addChildren([
  setupRoute,
  loginRoute,
  inviteRoute,
  resetPasswordRoute,
  appRoute.addChildren([
    newChatRoute,
    chatRoute,
    workspacesRoute,
    insightsRoute,
    settingsRoute.addChildren([
      accountRoute,
      securityRoute,
      promptsRoute,
      externalAuthRoute,
      sharedChatsRoute,
      providersRoute,
      modelsRoute,
      usageRoute,
      teamUsageRoute,
      usageLimitsRoute,
      usersRoute,
      membersRoute,
      groupsRoute,
      sharingRoute,
      organizationsRoute,
      auditRoute,
      insightsOfSettingsRoute,
    ]),
  ]),
]);

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: "intent",
    defaultErrorComponent: PageCrash,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
