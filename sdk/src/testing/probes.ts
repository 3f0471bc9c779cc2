import type { Connection, MonitorScopeSelector, NetworkServiceRequest } from "@nsm/api"
import type { Call } from "../core/call.ts"
import { element, type Element } from "../core/chain.ts"
import { unlessEnded } from "../core/ended.ts"
import { NsmError } from "../core/errors.ts"
import type { NetworkService } from "../networkservice/service.ts"

/** A message that came by, and its call. */
export interface Seen<Message> {
  readonly message: Message
  readonly call: Call
}

/** Remembers what comes by. */
export interface Recorder extends Element<NetworkService> {
  readonly requests: Seen<NetworkServiceRequest>[]
  /** What the requests that succeeded were answered. */
  readonly granted: Connection[]
  readonly closes: Seen<Connection>[]
  readonly watches: Seen<MonitorScopeSelector>[]
}

/** Remembers every message that comes by, with its call, and every connection that comes back. */
export function record(): Recorder {
  const requests: Seen<NetworkServiceRequest>[] = []
  const granted: Connection[] = []
  const closes: Seen<Connection>[] = []
  const watches: Seen<MonitorScopeSelector>[] = []
  const probe = element<NetworkService>("record", (next) => ({
    async request(message, call) {
      requests.push({ message, call })
      const connection = await next.request(message, call)
      granted.push(connection)
      return connection
    },
    async close(message, call) {
      closes.push({ message, call })
      await next.close(message, call)
    },
    monitorConnections(message, call) {
      watches.push({ message, call })
      return next.monitorConnections(message, call)
    },
  }))
  return { ...probe, requests, granted, closes, watches }
}

/** Which of the calls fail, counted from 1. */
export interface Failing {
  readonly request?: number | readonly number[]
  readonly close?: number | readonly number[]
  /** @default PEER_FAILED */
  readonly error?: NsmError
}

/** Fails some of the calls instead of passing them on. */
export function failOn({
  request = [],
  close = [],
  error = new NsmError("PEER_FAILED", "failed for a test"),
}: Failing): Element<NetworkService> {
  const isDue = countdown(request)
  const isCloseDue = countdown(close)
  return element("fail-on", (next) => ({
    async request(message, call) {
      if (isDue()) throw error
      return next.request(message, call)
    },
    async close(message, call) {
      if (isCloseDue()) throw error
      await next.close(message, call)
    },
  }))
}

function countdown(due: number | readonly number[]): () => boolean {
  const counts = new Set([due].flat())
  let count = 0
  return () => counts.has((count += 1))
}

/** What to do with messages that come by. */
export interface Capture {
  request?(request: NetworkServiceRequest, call: Call): void
  /** Gets what a request was answered. */
  granted?(connection: Connection, call: Call): void
  close?(connection: Connection, call: Call): void
}

/** Hands messages to a test, and fails where that throws. */
export function capture(on: Capture): Element<NetworkService> {
  return element("capture", (next) => ({
    async request(message, call) {
      on.request?.(message, call)
      const connection = await next.request(message, call)
      on.granted?.(connection, call)
      return connection
    },
    async close(message, call) {
      on.close?.(message, call)
      await next.close(message, call)
    },
  }))
}

/** Keeps calls waiting. */
export interface Gate extends Element<NetworkService> {
  /** How many requests and closes are waiting. */
  readonly waiting: number
  /** Lets the longest waiting one go on. */
  release(): void
  /** Lets all go on, those to come as well. */
  open(): void
}

/** Keeps requests and closes waiting until the test releases them or their calls end. */
export function hold(): Gate {
  const waiting: (() => void)[] = []
  let isOpen = false
  const pass = async ({ signal }: Call): Promise<void> => {
    if (isOpen) return
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push(resolve)
    try {
      await unlessEnded(signal, promise)
    } finally {
      const at = waiting.indexOf(resolve)
      if (at >= 0) waiting.splice(at, 1)
    }
  }
  const probe = element<NetworkService>("hold", (next) => ({
    async request(message, call) {
      await pass(call)
      return next.request(message, call)
    },
    async close(message, call) {
      await pass(call)
      await next.close(message, call)
    },
  }))
  return {
    ...probe,
    get waiting() {
      return waiting.length
    },
    release: () => waiting.shift()?.(),
    open() {
      isOpen = true
      for (const go of waiting.splice(0)) go()
    },
  }
}
