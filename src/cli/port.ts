import { createServer } from "node:net";
import { SentenceError } from "./sentence-error.ts";

/** The port that `PORT` names, or 8787. */
export function portFrom(text: string | undefined): number {
  if (text === undefined || text.trim() === "") return 8787;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new SentenceError(`PORT is "${text}"; it must be a number from 1 to 65535.`);
  }
  return port;
}

/** Fails with one sentence when something listens on the port already. */
export async function requireFreePort(port: number): Promise<void> {
  for (const host of ["127.0.0.1", "::1"]) {
    if (await portTaken(port, host)) {
      throw new SentenceError(
        `Port ${port} is taken. Stop what uses it, or choose another one: PORT=${port === 65_535 ? 8787 : port + 1} npm start`,
      );
    }
  }
}

function portTaken(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(true);
      // No IPv6 here: nothing can be in the way.
      else if (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") resolve(false);
      else if (error.code === "EACCES") reject(new SentenceError(`Port ${port} needs rights that you don't have.`));
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(false)));
  });
}
