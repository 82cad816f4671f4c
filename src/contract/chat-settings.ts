import { z } from "zod";
import { id } from "./common.ts";

/** The longest prompt of a deployment or a person, in bytes of UTF-8 without the spaces around it. */
export const PROMPT_MAX_BYTES = 32 * 1024;

/** Empty = the built-in prompt. A chat keeps the one that it was made with. */
export const systemPromptSetting = z.object({ system_prompt: z.string() }).meta({ id: "ChatSystemPrompt" });
export type SystemPromptSetting = z.infer<typeof systemPromptSetting>;

/** A person's own instructions, in each of their chats from the next step on. Empty = none. */
export const userPromptSetting = z.object({ custom_prompt: z.string() }).meta({ id: "ChatUserPrompt" });
export type UserPromptSetting = z.infer<typeof userPromptSetting>;

/** Percent of a model's context at which a chat is compacted; 100 = never. */
const thresholdPercent = z.int().min(0).max(100);

/** A person's own threshold for one model, in place of the model config's. */
export const compactionThreshold = z
  .object({ model_config_id: id, threshold_percent: thresholdPercent })
  .meta({ id: "ChatCompactionThreshold" });
export type CompactionThreshold = z.infer<typeof compactionThreshold>;

export const compactionThresholds = z
  .object({ thresholds: z.array(compactionThreshold) })
  .meta({ id: "ChatCompactionThresholds" });

export const updateCompactionThresholdRequest = z
  .object({ threshold_percent: thresholdPercent })
  .meta({ id: "UpdateChatCompactionThresholdRequest" });
