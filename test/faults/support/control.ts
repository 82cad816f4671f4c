import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A point of the fault build that was reached, and which chat or call reached it. */
export interface Arrival {
  point: string;
  of: string;
}

export interface Held {
  /** Settles when somebody stands there. */
  reached: Promise<Arrival>;
  /** Lets whoever stands there go on. */
  release(): void;
}

/** The other side of `test/faults/worker/points.ts`: says to the Worker what happens at each point. */
export interface FaultControl {
  url: string;
  /** All that was reached so far. */
  arrivals: Arrival[];
  /** Holds the next one that comes to the point; those after it go on. */
  hold(point: string, fits?: (arrival: Arrival) => boolean): Held;
  /** Makes everybody at the point fail, until the function that it answers is called. */
  fail(point: string): () => void;
  /** Makes the next one fail. Settles when that has happened. */
  failOnce(point: string): Promise<Arrival>;
  /** From here on everybody goes on. */
  mend(): void;
  close(): Promise<void>;
}

interface Rule {
  point: string;
  once: boolean;
  fits: (arrival: Arrival) => boolean;
  meet(arrival: Arrival, response: ServerResponse): void;
}

export async function startFaultControl(): Promise<FaultControl> {
  const arrivals: Arrival[] = [];
  const rules = new Set<Rule>();

  const server = createServer((request, response) => {
    readArrival(request).then(
      (arrival) => {
        arrivals.push(arrival);
        const rule = [...rules].find(({ point, fits }) => point === arrival.point && fits(arrival));
        if (rule?.once) rules.delete(rule);
        if (rule === undefined) response.end("go");
        else rule.meet(arrival, response);
      },
      // The Worker was killed in the middle of its question.
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port was given.");

  return {
    url: `http://127.0.0.1:${address.port}`,
    arrivals,
    hold(point, fits = () => true) {
      const { promise: reached, resolve } = Promise.withResolvers<Arrival>();
      let standing: ServerResponse | null = null;
      rules.add({
        point,
        once: true,
        fits,
        meet(arrival, response) {
          standing = response;
          resolve(arrival);
        },
      });
      return { reached, release: () => void standing?.end("go") };
    },
    fail(point) {
      const rule: Rule = { point, once: false, fits: () => true, meet: (_arrival, response) => response.end("fail") };
      rules.add(rule);
      return () => void rules.delete(rule);
    },
    failOnce(point) {
      const { promise, resolve } = Promise.withResolvers<Arrival>();
      rules.add({
        point,
        once: true,
        fits: () => true,
        meet(arrival, response) {
          response.end("fail");
          resolve(arrival);
        },
      });
      return promise;
    },
    mend: () => rules.clear(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readArrival(request: IncomingMessage): Promise<Arrival> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  const { point, of }: Record<string, unknown> = JSON.parse(text);
  return { point: String(point), of: String(of) };
}
