#!/usr/bin/env node
import { join } from "node:path"
import { bind, expose, grpcTransport, workloadWire } from "@nsm/sdk"
import {
  bundleDocument,
  createAuthority,
  followJoined,
  openState,
  workloads,
} from "@nsm/sdk/authority"
import { jsonRoute, runDaemon } from "@nsm/sdk/daemon"
import { witnessed } from "@nsm/sdk-kernel"
import { attest } from "./attestation/attest.ts"
import { authorityChain } from "./chain.ts"
import { settings } from "./config.ts"
import { followEntries } from "./entries/follow-entries.ts"
import { followIntermediate } from "./follow-intermediate.ts"
import { rootMetrics } from "./root-metrics.ts"

await runDaemon({
  command: "authority",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start({ config, log, clock, metrics, use, route }) {
    const { name, trustDomain, svidLifetimeMs, rootLifetimeMs, stateDirectory } = config
    const state = await openState({ directory: stateDirectory, trustDomain })
    const lifetimes = { svidLifetimeMs, rootLifetimeMs }
    const authority = use(
      "authority",
      await createAuthority({ trustDomain, ...lifetimes, ...state, clock, log }),
    )
    const below = { authority, directory: stateDirectory, clock, log }
    use("intermediate", await followIntermediate(below))
    rootMetrics(authority, metrics)
    route(jsonRoute("/bundle", () => bundleDocument(authority.bundle)))

    const path = config.entriesFile || join(stateDirectory, "entries.yaml")
    const entries = use("entries", await followEntries({ path, trustDomain, clock, log }))
    const directory = config.trustDirectory || join(stateDirectory, "trust.d")
    const joined = use("joined", await followJoined({ directory, trustDomain, clock, log }))

    const attestor = attest({ trustDomain, entries })
    const service = workloads({ authority, attestor, joined, clock })
    const chained = bind(authorityChain(metrics), service)
    const transport = use("transport", grpcTransport({ name, clock, log, security: witnessed }))
    const listener = await transport.listen(config.listenOn, [expose(workloadWire, chained)])
    return { listensOn: use("listener", listener).url, trustDomain }
  },
})
