import { create } from "@bufbuild/protobuf"
import {
  type ConnectionEvent,
  ConnectionEventType,
  ConnectionEventTypeSchema,
  MonitorConnectionService,
  MonitorScopeSelectorSchema,
} from "@nsm/api"
import { type Check, must, type Role, there } from "../check.ts"
import type { Probe, Reading } from "../probe.ts"
import { ownSegment, within } from "./request.ts"

const onPath: readonly Role[] = ["nsmgr", "forwarder", "nse"]

/** What those are told who monitor connections. */
export const monitorChecks: readonly Check[] = [
  {
    id: "monitor-initial-empty",
    title: "The first event is the state as it is, even when nothing matches.",
    source: "connection.proto: ConnectionEventType.INITIAL_STATE_TRANSFER",
    roles: onPath,
    async run({ probe }) {
      using reading = watch(probe, { id: "nobody-has-this-id" })
      const event = there(await reading.arrivals.next(), ended(reading))
      const seen = story(event)
      must(seen === "INITIAL_STATE_TRANSFER of 0", seen)
      return seen
    },
  },
  {
    id: "monitor-initial",
    title: "The first event has the connections that match, by the server's ids for them.",
    source: "connection.proto: ConnectionEvent.connections",
    roles: onPath,
    run: within(async (scene, { probe }) => {
      const granted = await scene.granted()
      using reading = watch(probe, { id: granted.id })
      const event = there(await reading.arrivals.next(), ended(reading))
      must(story(event) === "INITIAL_STATE_TRANSFER of 1", story(event))
      const [[key, connection] = []] = Object.entries(event.connections)
      const { id } = ownSegment(granted)
      must(key === id && connection?.id === id, "by another id")
      must(connection.path?.index === 1, `index ${connection.path?.index}`)
      return "by the server's id, index 1"
    }),
  },
  ...(["id", "name", "token"] as const).map((field): Check => ({
    id: `monitor-by-${field}`,
    title: `Segments can be selected by their ${field} alone.`,
    source: "connection.proto: MonitorScopeSelector.path_segments",
    roles: onPath,
    run: within(async (scene, { probe }) => {
      const granted = await scene.granted()
      const { id, name, token } = ownSegment(granted)
      using reading = watch(probe, { [field]: { id, name, token }[field] })
      const event = there(await reading.arrivals.next(), ended(reading))
      must(Object.hasOwn(event.connections, id), story(event))
      return story(event).replace(/\d+$/, "it")
    }),
  })),
  {
    id: "monitor-by-run",
    title: "Several segments are selected where they follow one another.",
    source: "connection.proto: MonitorScopeSelector.path_segments",
    roles: onPath,
    run: within(async (scene, { probe }) => {
      const granted = await scene.granted()
      const own = ownSegment(granted)
      using forth = watch(probe, { id: granted.id }, { id: own.id })
      using back = watch(probe, { id: own.id }, { id: granted.id })
      const found = [await forth.arrivals.next(), await back.arrivals.next()].map((event) =>
        event ? Object.keys(event.connections).length : -1,
      )
      must(found.join() === "1,0", `in order ${found[0]}, the other way round ${found[1]}`)
      return "in order only"
    }),
  },
  {
    id: "monitor-update",
    title: "A connection that is granted or renewed is told as UPDATE.",
    source: "connection.proto: ConnectionEventType.UPDATE",
    roles: onPath,
    run: within(async (scene, { probe }) => {
      const granted = await scene.granted()
      using reading = watch(probe, { id: granted.id })
      await reading.arrivals.next()
      await scene.again(granted)
      const event = there(await reading.arrivals.next(), "nothing")
      must(story(event) === "UPDATE of 1", story(event))
      return story(event)
    }),
  },
  {
    id: "monitor-delete",
    title: "A connection that is closed is told as DELETE, whole.",
    source: "connection.proto: ConnectionEventType.DELETE",
    roles: onPath,
    run: within(async (scene, { probe }) => {
      const granted = await scene.granted()
      using reading = watch(probe, { id: granted.id })
      await reading.arrivals.next()
      await scene.close(granted)
      const event = await reading.arrivals.find(({ type }) => type === ConnectionEventType.DELETE)
      const connection = event?.connections[ownSegment(granted).id]
      must(connection !== undefined, "nothing")
      must((connection.path?.pathSegments.length ?? 0) >= 2, "without its path")
      return "DELETE of 1"
    }),
  },
  {
    id: "monitor-others-untold",
    title: "Events of connections that do not match are not sent.",
    source: "connection.proto: MonitorScopeSelector",
    roles: onPath,
    run: within(async (scene, { probe }) => {
      using reading = watch(probe, { id: "nobody-has-this-id" })
      await reading.arrivals.next()
      await scene.close(await scene.granted())
      const event = await reading.arrivals.next(300)
      must(event === undefined, event ? story(event) : "")
      return "nothing"
    }),
  },
  {
    id: "monitor-by-service",
    title: "What is selected can be narrowed down to network services.",
    source: "connection.proto: MonitorScopeSelector.network_services",
    roles: onPath,
    run: within(async (scene, { probe }) => {
      const { id } = ownSegment(await scene.granted())
      const pathSegments = [{ id }]
      using own = select(probe, { pathSegments, networkServices: [scene.service] })
      using other = select(probe, { pathSegments, networkServices: ["nobody-provides-this"] })
      const found = [await own.arrivals.next(), await other.arrivals.next()].map((event) =>
        event ? Object.hasOwn(event.connections, id) : undefined,
      )
      must(found[0] === true && found[1] === false, `its own ${found[0]}, another ${found[1]}`)
      return "by its own only"
    }),
  },
  {
    id: "monitor-stays",
    title: "The stream stays open when all that matches is gone.",
    source: "connection.proto: MonitorConnection",
    roles: onPath,
    run: within(async (scene, { probe }) => {
      const granted = await scene.granted()
      using reading = watch(probe, { id: granted.id })
      await scene.close(granted)
      await reading.arrivals.find(({ type }) => type === ConnectionEventType.DELETE)
      await reading.arrivals.next(200)
      must(reading.arrivals.ended === undefined, ended(reading))
      return "open"
    }),
  },
]

/** Monitors connections that have these segments. */
export function watch(
  probe: Probe,
  ...pathSegments: readonly {
    readonly id?: string
    readonly name?: string
    readonly token?: string
  }[]
): Reading<ConnectionEvent> {
  return select(probe, { pathSegments: [...pathSegments] })
}

function select(
  probe: Probe,
  selector: Parameters<typeof create<typeof MonitorScopeSelectorSchema>>[1],
): Reading<ConnectionEvent> {
  return probe.read(
    MonitorConnectionService.method.monitorConnections,
    create(MonitorScopeSelectorSchema, selector),
  )
}

function story({ type, connections }: ConnectionEvent): string {
  return `${nameOf(type)} of ${Object.keys(connections).length}`
}

function ended<T>({ arrivals }: Reading<T>): string {
  return arrivals.ended === undefined ? "nothing" : `the stream ends: ${arrivals.ended}`
}

/** The name of a kind of event. */
export function nameOf(type: ConnectionEventType): string {
  return ConnectionEventTypeSchema.value[type]?.name ?? String(type)
}
