import { z } from "zod";

/** `GET /healthz`: 200 when everything is there, else 503. No value of a setting is ever in it. */
export const health = z
  .object({
    ok: z.boolean(),
    checks: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        /** What is wrong and what to do about it. */
        detail: z.string().optional(),
      }),
    ),
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof health>;
