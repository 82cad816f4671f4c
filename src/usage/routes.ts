import { createRouter } from "../access/router.ts";
import { personRoutes } from "./person-routes.ts";
import { teamRoutes } from "./team-routes.ts";

/** Figures over the ledger. */
export const usageRoutes = createRouter().route("/", teamRoutes).route("/", personRoutes);
