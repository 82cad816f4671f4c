import { createRouter } from "../access/router.ts";

export const externalAuthRoutes = createRouter();
