import { isOfChats, runMatrix } from "./run.ts";

runMatrix("chats", isOfChats);
