import { createRouter } from "../access/router.ts";

export const gitRoutes = createRouter();
