import type { ReactNode } from "react";

export function ProvidersPage(): ReactNode {
  return <h1>Providers</h1>;
}
