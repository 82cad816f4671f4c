import { createRouter } from "../access/router.ts";

export const gitWebhookRoutes = createRouter();
