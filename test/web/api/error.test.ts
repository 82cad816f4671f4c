import { describe, expect, it } from "vitest";
import { fieldErrors } from "../../../web/src/api/error.ts";
import { modelFieldOf } from "../../../web/src/pages/models/model-form.ts";

describe("fieldErrors", () => {
  it("takes the first complaint of each field and leaves out what belongs to none", () => {
    expect(
      fieldErrors([
        { pointer: "/email", detail: "first" },
        { pointer: "/email", detail: "second" },
        { pointer: "/a~1b/0", detail: "escaped" },
        { parameter: "limit", detail: "a query parameter" },
      ]),
    ).toEqual({ email: "first", "a/b": "escaped" });
  });

  it("finds the field of a nested place", () => {
    const pointer = "/model_config/cost/cache_read_price_per_million_tokens";
    expect(fieldErrors([{ pointer, detail: "no price" }], modelFieldOf)).toEqual({ cache_read_price: "no price" });
    expect(fieldErrors([{ pointer: "/model_config/max_output_tokens", detail: "x" }], modelFieldOf)).toEqual({
      max_output_tokens: "x",
    });
  });
});
