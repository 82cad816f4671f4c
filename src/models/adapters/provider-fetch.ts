/** The provider could not be reached, or the connection broke while it answered. */
export class ConnectionFailed extends Error {
  constructor(cause: unknown) {
    super("The connection to the provider failed", { cause });
    this.name = "ConnectionFailed";
  }
}

/**
 * The `fetch` that adapters are given. It reports every chunk of bytes, since keep-alives are life that
 * the adapters swallow; it follows no redirect, which could lead a key to a foreign or private host; and
 * it names failures of the connection, whose errors differ between runtimes.
 */
export function providerFetch(onBytes: () => void): typeof fetch {
  return async function fetchFromProvider(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const signal = init?.signal ?? null;
    const response = await fetch(input, { ...init, redirect: "manual" }).catch((error: unknown) => {
      throw signal?.aborted ? error : new ConnectionFailed(error);
    });
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(counted(response.body, onBytes, signal), { status, statusText, headers });
  };
}

function counted(body: ReadableStream, onBytes: () => void, signal: AbortSignal | null): ReadableStream {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        onBytes();
        controller.enqueue(value);
      } catch (error) {
        controller.error(signal?.aborted ? error : new ConnectionFailed(error));
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
