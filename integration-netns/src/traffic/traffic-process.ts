import { setTimeout as wait } from "node:timers/promises"
import { EchoSocket } from "@nsm/sdk-kernel"
import { flowsSince } from "./packets.ts"
import { EchoStream } from "./echo-stream.ts"
import type { TrafficAnswer, TrafficOrder } from "./traffic.ts"

// Sends echo requests from the network in which it was started, in a process of its own, so that the
// times are right however busy the test is. It is told what to do over its channel, and ends with it.

/** How long replies to the last requests may take. */
const lastReplyMs = 200

let streams: readonly EchoStream[] = []
let timer: NodeJS.Timeout | undefined

async function obey(order: TrafficOrder): Promise<TrafficAnswer> {
  switch (order.do) {
    case "begin":
      stop()
      streams = order.destinations.map(
        (to) => new EchoStream(EchoSocket.open(to, undefined, `ping ${to}`)),
      )
      timer = setInterval(() => {
        for (const stream of streams) stream.tick()
      }, order.intervalMs)
      return {}
    case "look":
      return {
        flows: streams.every(({ packets }) => flowsSince(packets, order.since, order.count)),
      }
    case "end": {
      clearInterval(timer)
      for (const until = Date.now() + lastReplyMs; Date.now() < until; await wait(5)) {
        for (const stream of streams) stream.collect()
        if (streams.every((stream) => stream.packets.at(-1)?.answeredAt !== undefined)) break
      }
      const packets = streams.map((stream) => stream.packets)
      stop()
      return { packets }
    }
  }
}

function stop(): void {
  clearInterval(timer)
  for (const stream of streams) stream[Symbol.dispose]()
  streams = []
}

process.on("message", (order: TrafficOrder) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (failure: unknown) => process.send?.({ failure: String(failure) } satisfies TrafficAnswer),
  )
})
process.on("disconnect", () => process.exit())
process.send?.({} satisfies TrafficAnswer)
