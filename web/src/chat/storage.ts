/** What this browser remembers is one place for the whole app. */
export { remember, remembered } from "../shell/remembered.ts";
