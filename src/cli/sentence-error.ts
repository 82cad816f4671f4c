/** Something the person at the keyboard can put right: the message is the whole story, without a stack. */
export class SentenceError extends Error {}
