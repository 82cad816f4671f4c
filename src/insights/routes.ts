import { createRouter } from "../access/router.ts";

export const insightRoutes = createRouter();
