import { useEffect, useMemo, useState } from "react";
import { colourCode, type ColouredPiece } from "./highlight.ts";

/** While code streams in, colouring it anew this often is as quick as anybody reads. */
const WHILE_STREAMING_MS = 180;

interface Coloured {
  code: string;
  language: string;
  lines: ColouredPiece[][];
}

/**
 * The lines of `code`, coloured as soon as that is possible. Lines that have not been coloured yet
 * are plain, so text never waits for its colours and never changes its place.
 */
export function useColoured(code: string, language: string | null, streaming = false): readonly ColouredPiece[][] {
  const [coloured, setColoured] = useState<Coloured | null>(null);

  useEffect(() => {
    if (language === null) return;
    let current = true;
    function colour(name: string): void {
      colourCode(code, name).then(
        (lines) => {
          if (current && lines !== null) setColoured({ code, language: name, lines });
        },
        // A grammar that did not load leaves the code readable as it is.
        (error: unknown) => console.warn("Code stays without colours.", error),
      );
    }
    if (!streaming) {
      colour(language);
      return () => {
        current = false;
      };
    }
    const timer = setTimeout(() => colour(language), WHILE_STREAMING_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [code, language, streaming]);

  return useMemo(() => {
    const usable = coloured !== null && coloured.language === language ? coloured.lines : [];
    return code.split("\n").map((text, index) => {
      const line = usable[index];
      // Text that came since the last colouring is plain for now.
      if (line === undefined || line.map((piece) => piece.text).join("") !== text) return [{ text, color: undefined }];
      return line;
    });
  }, [code, language, coloured]);
}
