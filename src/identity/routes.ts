import { createRouter } from "../access/router.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";
import { userAdminRoutes } from "./user-admin-routes.ts";
import { userRoutes } from "./user-routes.ts";

/** Setup, sign-in, users, sessions and API tokens. */
export const identityRoutes = createRouter()
  .route("/", signInRoutes)
  .route("/", userAdminRoutes)
  .route("/", userRoutes)
  .route("/", apiKeyRoutes);
