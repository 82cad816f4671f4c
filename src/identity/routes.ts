import { accountLinkRoutes } from "./account-link-routes.ts";
import { inviteRoutes } from "./invite-routes.ts";
import { createRouter } from "../access/router.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { outsideRoutes } from "./outside/routes.ts";
import { passkeyRoutes } from "./passkeys/routes.ts";
import { secondFactorRoutes } from "./second-factor/routes.ts";
import { signInMethodsRoutes } from "./sign-in-methods-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";
import { userAdminRoutes } from "./user-admin-routes.ts";
import { userRoutes } from "./user-routes.ts";

/** Setup, sign-in, invites, users, sessions and API tokens. */
export const identityRoutes = createRouter()
  // `/users/login/…` and `/users/oidc/…` come before `/users/{user}/…`: nobody is called so.
  .route("/", signInRoutes)
  .route("/", secondFactorRoutes)
  .route("/", passkeyRoutes)
  .route("/", outsideRoutes)
  .route("/", signInMethodsRoutes)
  .route("/", accountLinkRoutes)
  .route("/", inviteRoutes)
  .route("/", userAdminRoutes)
  .route("/", userRoutes)
  .route("/", apiKeyRoutes);
