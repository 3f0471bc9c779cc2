import { Lab } from "../lab/lab.ts"
import { besideFile } from "../lab/programs.ts"
import type { Bench } from "./bench.ts"
import { drive } from "./drive.ts"

const mebi = 2 ** 20
const kibi = 2 ** 10

/**
 * Reads the resident memory of a manager with 1000 connections and with 3000, and of a client with
 * one. The forwarder makes no wires, so that it is fast; the manager does not know that.
 */
export const memory: Bench = async ({ signal, step }) => {
  await using lab = await Lab.up()
  const file = besideFile("null-forwarder", import.meta.url)
  const node = await lab.addNode("node-1", { forwarder: { file } })
  const endpoint = await lab.addEndpoint("nse-1", node)
  const { manager } = node
  const { url: namespaceUrl } = endpoint.namespace
  const nsc = lab.addClient("nsc-1", node, "kernel://icmp-responder/nsm-1")
  await nsc.process.ready()
  const clientBytes = nsc.process.residentBytes

  await using clients = lab.clients(node)
  const grow = async (from: number, to: number): Promise<void> => {
    step(`${to} connections`)
    await drive({ count: to - from, inFlight: 16 }, async (index) => {
      signal.throwIfAborted()
      await clients.request({ id: `client-${from + index}`, namespaceUrl })
    })
  }
  await grow(0, 1000)
  const bytes1000 = manager.residentBytes
  await grow(1000, 3000)
  const further = (manager.residentBytes - bytes1000) / 2000
  return [
    {
      name: "manager with 1000 connections",
      measured: "resident memory",
      value: bytes1000 / mebi,
      unit: "MiB",
      target: { atMost: 120 },
    },
    {
      name: "each further connection",
      measured: "resident memory, from 1000 to 3000",
      value: further / kibi,
      unit: "KiB",
      target: { atMost: 30 },
    },
    {
      name: "client with one wire",
      measured: "resident memory",
      value: clientBytes / mebi,
      unit: "MiB",
      target: { atMost: 80 },
    },
  ]
}
