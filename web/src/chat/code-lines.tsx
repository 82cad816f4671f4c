import type { ReactNode } from "react";
import { memo } from "react";
import type { ColouredPiece } from "./highlight.ts";

/** One line of code in its colours. */
export const CodeLine = memo(function CodeLine({ pieces }: { pieces: readonly ColouredPiece[] }): ReactNode {
  return pieces.map((piece, index) =>
    piece.color === undefined ? (
      piece.text
    ) : (
      <span key={index} style={{ color: piece.color }}>
        {piece.text}
      </span>
    ),
  );
});
