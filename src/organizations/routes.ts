import { createRouter } from "../access/router.ts";
import { groupRoutes } from "./group-routes.ts";
import { memberRoutes } from "./member-routes.ts";
import { organizationRoutes } from "./organization-routes.ts";
import { sharingRoutes } from "./sharing-routes.ts";

/** Everything of the organisations room, under `/api/v2`. */
export const organizationRoomRoutes = createRouter()
  .route("/", organizationRoutes)
  .route("/", memberRoutes)
  .route("/", groupRoutes)
  .route("/", sharingRoutes);
