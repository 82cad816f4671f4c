import "./zod-config.ts";
import "./styles/index.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { whenSignedOut } from "./api/client.ts";
import { forgetPerson } from "./api/forget-person.ts";
import { ApiError } from "./api/error.ts";
import { makeRouter } from "./router.tsx";
import { guessSignedOut } from "./shell/signed-out.ts";
import { Toaster } from "./ui/toaster.tsx";
import { TooltipProvider } from "./ui/tooltip.tsx";

/** What the server refused, it refuses again; what may pass is tried twice more. */
function worthRetrying(failures: number, error: Error): boolean {
  if (failures >= 2) return false;
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: worthRetrying, refetchOnWindowFocus: true } },
});
const router = makeRouter(queryClient);

whenSignedOut(function toSignIn() {
  const here = router.state.location;
  if (here.pathname === "/login" || here.pathname === "/setup") return;
  guessSignedOut();
  // The page that is still there must not lose who it belongs to before it is gone.
  void router
    .navigate({ to: "/login", search: { back: here.href }, replace: true })
    .then(() => forgetPerson(queryClient));
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <TooltipProvider delayDuration={350} skipDelayDuration={150}>
        <RouterProvider router={router} />
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>
  </StrictMode>,
);
