import { Link } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Button } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { EmptyState } from "../ui/states.tsx";
import { isAdmin, useMe } from "./me.ts";
import { PageHeader } from "./page-header.tsx";
import { useTitle } from "./page.tsx";
import { useRights } from "./rights.ts";
import { placesFor } from "./settings-places.tsx";

interface SettingsPageProps {
  title: string;
  /** One sentence: what this page is for. */
  lead: ReactNode;
  /** At the right of the title. */
  actions?: ReactNode;
  /** Only for who may set up the deployment; others get a page that says so. */
  adminOnly?: boolean;
  /** As wide as there is room: for tables. */
  wide?: boolean;
  children: ReactNode;
}

/** The frame of all settings: where else one can go, then sections. */
export function SettingsPage(props: SettingsPageProps): ReactNode {
  const { title, lead, actions, adminOnly = false, wide = false, children } = props;
  useTitle(title);
  const admin = isAdmin(useMe());
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title="Settings" />
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        <SettingsNav />
        <div className="min-h-0 min-w-0 flex-1 overflow-y-auto">
          <div
            className={cx(
              "mx-auto flex w-full flex-col gap-10 px-4 py-6 md:px-8 md:py-8",
              wide ? "max-w-6xl" : "max-w-4xl",
            )}
          >
            {adminOnly && !admin ? (
              <AdminsOnly />
            ) : (
              <>
                <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
                  <div className="min-w-0 flex-1 basis-80">
                    <h2 className="text-xl font-semibold tracking-[-0.01em]">{title}</h2>
                    <p className="mt-1.5 max-w-measure text-md text-muted">{lead}</p>
                  </div>
                  {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
                </div>
                {children}
              </>
            )}
          </div>
        </div>
      </div>
    </div>
  );
}

const tab =
  "inline-flex h-9 shrink-0 items-center gap-2.5 whitespace-nowrap text-muted hover:text-ink " +
  "-mb-px border-b-2 border-transparent aria-[current=page]:border-accent aria-[current=page]:text-ink " +
  "lg:mb-0 lg:h-8 lg:rounded-md lg:border-b-0 lg:px-2 lg:hover:bg-raised lg:aria-[current=page]:bg-raised";

/** One row of tabs on a narrow screen, a column in groups on a wide one. */
function SettingsNav(): ReactNode {
  const groups = placesFor(useRights());
  const nav = useRef<HTMLElement>(null);
  const offered = groups.flatMap(({ places }) => places).length;
  useEffect(() => {
    // On a phone the row is longer than the screen; where one is must not be beyond its edge.
    nav.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [offered]);
  return (
    <nav
      ref={nav}
      aria-label="Settings"
      className="flex shrink-0 gap-5 overflow-x-auto border-b border-line px-3 md:px-4 lg:w-52 lg:flex-col lg:gap-4 lg:overflow-x-visible lg:overflow-y-auto lg:border-r lg:border-b-0 lg:px-2 lg:py-4"
    >
      {groups.map(({ group, places }) => (
        <div key={group} className="flex gap-5 lg:flex-col lg:gap-0.5">
          <div className="px-2 pb-1 text-xs font-medium text-faint max-lg:hidden">{group}</div>
          {places.map(({ to, label, icon: Icon }) => (
            <Link key={to} to={to} activeOptions={{ exact: true, includeSearch: false }} className={tab}>
              <Icon size={16} className="text-faint max-lg:hidden" aria-hidden />
              {label}
            </Link>
          ))}
        </div>
      ))}
    </nav>
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
