import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { keepRows, type ObjectStorage, type SqlValue } from "../../src/platform/object-storage.ts";

function start() {
  const db = new DatabaseSync(":memory:");
  db.exec("create table chat (name text, length integer); create table other (name text)");
  db.exec("insert into chat values ('Ebb', 3)");
  const asked: string[] = [];
  const below: ObjectStorage = {
    exec<Row extends object>(sql: string, ...bindings: SqlValue[]): Row[] {
      asked.push(sql);
      const plain = bindings.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value));
      return db.prepare(sql).all(...plain) as Row[];
    },
    transaction(work) {
      db.exec("begin");
      try {
        const value = work();
        db.exec("commit");
        return value;
      } catch (error) {
        db.exec("rollback");
        throw error;
      }
    },
    setAlarm: () => undefined,
  };
  const storage = keepRows(below, ["chat"]);
  const read = () => storage.exec<{ name: string; length: number }>("select * from chat")[0];
  return { storage, read, reads: () => asked.filter((sql) => sql === "select * from chat").length };
}

describe("a storage that keeps rows", () => {
  it("reads a row once until a statement names its table", () => {
    const { storage, read, reads } = start();
    expect(read()).toEqual({ name: "Ebb", length: 3 });
    storage.exec("insert into other (name) values (?)", "x");
    expect(read()).toBe(read());
    expect(reads()).toBe(1);
    storage.exec("update chat set name = ? returning name", "Flood");
    expect(read()).toEqual({ name: "Flood", length: 3 });
    storage.exec("delete from chat");
    expect(read()).toBeUndefined();
    storage.exec("insert into chat (name, length) values ('New', 1)");
    expect(read()?.name).toBe("New");
  });

  it("forgets what a transaction that failed had made of it", () => {
    const { storage, read } = start();
    const failing = () =>
      storage.transaction(() => {
        storage.exec("update chat set name = 'Lost'");
        expect(read()?.name).toBe("Lost");
        throw new Error("no");
      });
    expect(failing).toThrow("no");
    expect(read()?.name).toBe("Ebb");
  });

  it("gives rows that nobody can change for the others", () => {
    const { read } = start();
    expect(() => Object.assign(read() ?? {}, { name: "Mine" })).toThrow(TypeError);
  });
});
