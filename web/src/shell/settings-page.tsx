import { Link } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/states.tsx";
import { isAdmin, useMe } from "./me.ts";
import { PageHeader } from "./page-header.tsx";
import { useTitle } from "./page.tsx";

const tab =
  "inline-flex h-9 items-center -mb-px border-b-2 border-transparent text-muted hover:text-ink " +
  "aria-[current=page]:border-accent aria-[current=page]:text-ink";

interface SettingsPageProps {
  title: string;
  /** One sentence: what this page is for. */
  lead: ReactNode;
  /** Only for who may set up the deployment; others get a page that says so. */
  adminOnly?: boolean;
  children: ReactNode;
}

/** The frame of all settings: one row of tabs, then sections. */
export function SettingsPage({ title, lead, adminOnly = false, children }: SettingsPageProps): ReactNode {
  useTitle(title);
  const admin = isAdmin(useMe());
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title="Settings" lined={false} />
      <nav aria-label="Settings" className="flex shrink-0 gap-5 overflow-x-auto border-b border-line px-3 md:px-4">
        <Link to="/settings/account" className={tab}>
          Account
        </Link>
        <Link to="/settings/prompts" className={tab}>
          Prompts
        </Link>
        {admin && (
          <>
            <Link to="/settings/providers" className={tab}>
              Providers
            </Link>
            <Link to="/settings/models" className={tab}>
              Models
            </Link>
          </>
        )}
      </nav>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex w-full max-w-4xl flex-col gap-10 px-4 py-6 md:px-8 md:py-8">
          {adminOnly && !admin ? (
            <AdminsOnly />
          ) : (
            <>
              <div>
                <h2 className="text-xl font-semibold tracking-[-0.01em]">{title}</h2>
                <p className="mt-1.5 max-w-measure text-md text-muted">{lead}</p>
              </div>
              {children}
            </>
          )}
        </div>
      </div>
    </div>
  );
}

function AdminsOnly(): ReactNode {
  return (
    <EmptyState
      icon={<Lock size={24} aria-hidden />}
      title="This page is for the owners of this deployment"
      action={
        <Button asChild>
          <Link to="/settings/account">Go to your account</Link>
        </Button>
      }
    >
      Providers and models are set up once for everybody. If you need another model, ask an owner; the ones that are
      there you can pick in every chat.
    </EmptyState>
  );
}
