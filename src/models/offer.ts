import type { DEMO_PROVIDER, ModelCallConfig, ProviderName } from "../contract/models.ts";
import type { Connection } from "./connection.ts";

/** A model that a chat can use right now. */
export interface ModelOffer {
  id: string;
  provider: ProviderName | typeof DEMO_PROVIDER;
  providerDisplayName: string;
  model: string;
  displayName: string;
  contextLimit: number;
  compressionThreshold: number;
  options: ModelCallConfig;
  source: "database" | "environment" | "demo";
  /** Null for the demo, which calls nobody. */
  connect: (() => Promise<Connection>) | null;
}
