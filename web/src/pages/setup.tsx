import type { ReactNode } from "react";

export function SetupPage(): ReactNode {
  return <h1>Setup</h1>;
}
