import type { ReactNode } from "react";
import { memo } from "react";
import type { MarkedPiece } from "./intraline.ts";

type Piece = Pick<MarkedPiece, "text" | "color"> & { readonly marked?: boolean };

/** One line of code in its colours, with what changed in it marked. */
export const CodeLine = memo(function CodeLine({ pieces }: { pieces: readonly Piece[] }): ReactNode {
  return pieces.map((piece, index) =>
    piece.color === undefined && piece.marked !== true ? (
      piece.text
    ) : (
      <span key={index} style={{ color: piece.color }} className={piece.marked === true ? "diff-mark" : undefined}>
        {piece.text}
      </span>
    ),
  );
});
