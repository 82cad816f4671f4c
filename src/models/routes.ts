import { createRouter } from "../access/router.ts";
import { modelConfigRoutes } from "./model-config-routes.ts";
import { providerRoutes } from "./provider-routes.ts";

/** The model catalogue, providers and model configs. */
export const modelRoutes = createRouter().route("/", providerRoutes).route("/", modelConfigRoutes);
