import { serveWireThread } from "./serve-wire-thread.ts"

serveWireThread()
