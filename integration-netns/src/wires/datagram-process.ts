import { createSocket } from "node:dgram"
import { once } from "node:events"

// Sends and returns datagrams. By Linux's default they must not be fragmented on their way.
//   serve <address>             returns what comes; prints "ready"
//   send <address> <bytes>...   sends one of each size; prints the sizes that came back

const port = 7007
const [mode, address = "", ...sizes] = process.argv.slice(2)
const socket = createSocket(address.includes(":") ? "udp6" : "udp4")

if (mode === "serve") {
  socket.on("message", (message, from) => socket.send(message, from.port, from.address))
  socket.bind(port, address)
  await once(socket, "listening")
  process.stdout.write("ready\n")
} else {
  socket.bind()
  await once(socket, "listening")
  const back: number[] = []
  for (const size of sizes) back.push(await returned(Number(size)))
  process.stdout.write(back.join(" "))
  socket.close()
}

/** Bytes that came back of a datagram; 0 when nothing came, -1 when it could not even be sent. */
async function returned(bytes: number): Promise<number> {
  const signal = AbortSignal.timeout(2000)
  const answer = once(socket, "message", { signal }).then(
    ([message]) => (message as Buffer).length,
    () => 0,
  )
  const failure = await new Promise((resolve) => {
    socket.send(Buffer.alloc(bytes), port, address, resolve)
  })
  return failure ? -1 : await answer
}
