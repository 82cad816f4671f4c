export { ChatPage, NewChatPage } from "./placeholder.tsx";
