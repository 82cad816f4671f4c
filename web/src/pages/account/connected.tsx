import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/card.tsx";

/** The way to what is connected; it has a page of its own, since each service has to be asked. */
export function Connected(): ReactNode {
  return (
    <Section
      title="Connected accounts"
      description="GitHub, GitLab and other services where Tideline may act in your name."
      actions={
        <Button asChild size="sm">
          <Link to="/settings/external-auth">Manage connected accounts</Link>
        </Button>
      }
    >
      {null}
    </Section>
  );
}
