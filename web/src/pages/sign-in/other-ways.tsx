import { useQuery } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { user } from "../../../../src/contract/identity.ts";
import type { User } from "../../../../src/contract/identity.ts";
import { passkeyRequest } from "../../../../src/contract/sign-in.ts";
import type { OutsideWay } from "../../../../src/contract/sign-in.ts";
import { post } from "../../api/client.ts";
import { passkeysWork, choosePasskey } from "../../api/passkey.ts";
import { authMethodsQuery } from "../../api/sign-in-queries.ts";
import { Button } from "../../ui/button.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";

/** The ways to sign in beside the password: those that are set up, and that this browser can do. */
export function OtherWays({ back, onSignedIn }: { back: string; onSignedIn: (who: User) => void }): ReactNode {
  const methods = useQuery(authMethodsQuery);
  const github = methods.data?.github.enabled === true;
  const oidc = methods.data?.oidc.enabled === true ? methods.data.oidc : null;
  const passkey = methods.data?.passkey.enabled === true && passkeysWork();
  if (!github && oidc === null && !passkey) return null;
  return (
    <div className="flex flex-col gap-3">
      <div aria-hidden className="flex items-center gap-3 text-sm text-faint">
        <span className="h-px flex-1 bg-line" />
        or
        <span className="h-px flex-1 bg-line" />
      </div>
      {oidc !== null && <OutsideButton way="oidc" back={back} text={oidc.sign_in_text} />}
      {github && <OutsideButton way="github" back={back} text="Continue with GitHub" />}
      {passkey && <PasskeyButton onSignedIn={onSignedIn} />}
    </div>
  );
}

function OutsideButton({ way, back, text }: { way: OutsideWay; back: string; text: string }): ReactNode {
  return (
    <Button asChild size="lg">
      {/* Another site comes next: a page of ours has no part in it. */}
      <a href={`/api/v2/users/${way}/start?${new URLSearchParams({ back }).toString()}`}>
        <span className="truncate">{text}</span>
      </a>
    </Button>
  );
}

function PasskeyButton({ onSignedIn }: { onSignedIn: (who: User) => void }): ReactNode {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  async function signIn(): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      const { ticket, public_key } = await post("/users/login/passkey/options", undefined, passkeyRequest, {
        anonymous: true,
      });
      const credential = await choosePasskey(public_key);
      onSignedIn(await post("/users/login/passkey", { ticket, credential }, user, { anonymous: true }));
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button size="lg" busy={busy} onClick={() => void signIn()}>
        <Fingerprint size={16} aria-hidden />
        Use a passkey
      </Button>
      <FormFailure failure={failure} />
    </>
  );
}
