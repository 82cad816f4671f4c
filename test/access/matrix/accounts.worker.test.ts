import { isOfAccounts, runMatrix } from "./run.ts";

runMatrix("accounts", isOfAccounts);
