import { describe, expect, it } from "vitest";
import { MODELS_OWN, thresholdOptions } from "../../../web/src/pages/account/threshold-words.ts";
import { afterSave, bytesWords, isChanged, promptBytes, shownText } from "../../../web/src/pages/prompts/draft.ts";

describe("a prompt's draft", () => {
  it("shows what is saved until something is typed, and then never what a refetch brings", () => {
    expect(shownText(null, "saved")).toBe("saved");
    expect(shownText(null, "saved elsewhere")).toBe("saved elsewhere");
    expect(shownText("mine", "saved elsewhere")).toBe("mine");
    // An emptied field is a draft, too.
    expect(shownText("", "saved")).toBe("");
  });

  it("is a change only if something else would be kept", () => {
    expect([isChanged(null, "a"), isChanged("a", "a"), isChanged(" a\n", "a"), isChanged("", "a")]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("ends with the save of what it was, not of what it has become", () => {
    expect(afterSave("sent", "sent")).toBeNull();
    expect(afterSave("sent and more", "sent")).toBe("sent and more");
  });

  it("is measured as the server measures it", () => {
    expect(promptBytes("  naïve 🌊 \n")).toBe(11);
    expect(bytesWords(32_769, 32_768)).toBe("32,769 of 32,768 bytes");
  });
});

describe("thresholdOptions", () => {
  it("say what the model itself does, and keep a number that was set another way", () => {
    expect(thresholdOptions(100, null)[0]).toEqual({ value: MODELS_OWN, label: "As the model: never" });
    const options = thresholdOptions(70, 73);
    expect(options[0]?.label).toBe("As the model: at 70 %");
    expect(options.map((each) => each.value)).toEqual([MODELS_OWN, "40", "50", "60", "70", "73", "80", "90", "100"]);
    expect(options.at(-1)?.label).toBe("Never");
  });
});
