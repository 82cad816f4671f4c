import { createRouter } from "../access/router.ts";

export const usageRoutes = createRouter();
