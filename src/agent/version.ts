declare const __TIDELINE_AGENT_VERSION__: string | undefined;

/** The bundle is stamped with the package's version; run from source, the agent says that it was. */
export const AGENT_VERSION = typeof __TIDELINE_AGENT_VERSION__ === "string" ? __TIDELINE_AGENT_VERSION__ : "source";
