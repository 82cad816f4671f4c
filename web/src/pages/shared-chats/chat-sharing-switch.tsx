import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { chatSharingSetting } from "../../../../src/contract/sharing.ts";
import { put } from "../../api/client.ts";
import { chatSharingQuery } from "../../api/sharing-queries.ts";
import { Card, Section } from "../../ui/card.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { Switch } from "../../ui/switch.tsx";
import { failed } from "../../ui/toaster.tsx";

/** Whether chats may be shared in this deployment. Off takes nothing away for good: on again, all is as it was. */
export function ChatSharingSwitch(): ReactNode {
  const queryClient = useQueryClient();
  const { queryKey } = chatSharingQuery;
  const setting = useQuery(chatSharingQuery);
  const { mutate } = useMutation({
    mutationFn: (on: boolean) => put("/chats/config/sharing", { chat_sharing_enabled: on }, chatSharingSetting),
    async onMutate(on) {
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData(queryKey, { chat_sharing_enabled: on });
    },
    onError: (error) => failed("change the setting", error),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
  return (
    <Section title="For everybody here" description="You see this because you own the deployment.">
      {setting.data !== undefined ? (
        <Card className="flex items-center justify-between gap-6 px-4 py-3">
          <div className="min-w-0">
            <p className="font-medium">Chats can be shared</p>
            <p className="text-muted">
              {setting.data.chat_sharing_enabled
                ? "People choose for each chat who reads it or writes in it. Turning this off shuts everybody out but the owners of the chats, at once."
                : "Nobody sees the chats of others. What was shared is kept, and is shared again when you turn this on."}
            </p>
          </div>
          <Switch label="Chats can be shared" checked={setting.data.chat_sharing_enabled} onCheckedChange={mutate} />
        </Card>
      ) : setting.isError ? (
        <ErrorState error={setting.error} doing="load the setting" onRetry={() => void setting.refetch()} />
      ) : (
        <Skeleton className="h-18 rounded-lg" />
      )}
    </Section>
  );
}
