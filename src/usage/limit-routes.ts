import { createRouter } from "../access/router.ts";

export const usageLimitRoutes = createRouter();
