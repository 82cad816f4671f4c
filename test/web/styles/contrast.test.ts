import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Theme = "light" | "dark";
type Oklch = [lightness: number, chroma: number, hue: number];

const css = readFileSync(new URL("../../../web/src/styles/tokens.css", import.meta.url), "utf8");

/** The value of a token that is written as `light-dark(oklch(…), oklch(…))`. */
function token(name: string, theme: Theme): Oklch {
  const pattern = new RegExp(`--${name}: light-dark\\(oklch\\(([^)]+)\\), oklch\\(([^)]+)\\)\\)`);
  const found = pattern.exec(css)?.[theme === "light" ? 1 : 2];
  const [lightness, chroma, hue] = (found ?? "").split(" ").map(Number);
  if (lightness === undefined || chroma === undefined || hue === undefined) throw new Error(`No colour --${name}`);
  return [lightness, chroma, hue];
}

/** Relative luminance (WCAG 2.2) of an OKLCH colour, through linear sRGB. */
function luminance([lightness, chroma, hue]: Oklch): number {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s;
  const [r = 0, g = 0, bl = 0] = [red, green, blue].map((value) => Math.min(1, Math.max(0, value)));
  return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
}

function contrast(front: string, back: string, theme: Theme): number {
  const one = luminance(token(front, theme)) + 0.05;
  const other = luminance(token(back, theme)) + 0.05;
  return Math.max(one, other) / Math.min(one, other);
}

const grounds = ["page", "surface", "raised", "overlay"];

describe.each<Theme>(["light", "dark"])("contrast in the %s theme", (theme) => {
  it.each(["ink", "muted"])("%s is for reading: 7:1 on every ground", (front) => {
    for (const ground of grounds) expect(contrast(front, ground, theme), ground).toBeGreaterThanOrEqual(7);
  });

  it.each(["faint", "accent", "success", "warning", "danger", "git-merged"])("%s: 4.5:1 on every ground", (front) => {
    for (const ground of grounds) expect(contrast(front, ground, theme), ground).toBeGreaterThanOrEqual(4.5);
  });

  it("has readable words on filled buttons and badges", () => {
    for (const ground of ["accent", "accent-strong"]) {
      expect(contrast("accent-ink", ground, theme)).toBeGreaterThanOrEqual(4.5);
    }
    for (const ground of ["danger", "danger-strong"]) {
      expect(contrast("danger-ink", ground, theme)).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast("accent-strong", "accent-soft", theme)).toBeGreaterThanOrEqual(4.5);
  });

  it("has edges of controls that can be seen: 3:1", () => {
    for (const ground of grounds) expect(contrast("edge", ground, theme), ground).toBeGreaterThanOrEqual(3);
  });
});
