import { serveWireThread } from "@nsm/sdk-kernel"

serveWireThread()
