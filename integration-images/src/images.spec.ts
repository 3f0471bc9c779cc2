import assert from "node:assert/strict"
import { chmod, readFile } from "node:fs/promises"
import { create } from "@bufbuild/protobuf"
import { HealthCheckRequestSchema, HealthCheckResponse_ServingStatus as Status } from "@nsm/api"
import { buildImages, type Image, PodmanStorage, sourceOf } from "@nsm/dot-github/images"
import {
  grpcTransport,
  healthWire,
  type Identified,
  identified,
  silentLog,
  systemClock,
  withCall,
} from "@nsm/sdk"
import { commands } from "./commands.ts"
import { confined, Container } from "./container.ts"
import { members } from "./members.ts"
import { missingForContainers } from "./missing.ts"
import { OwnTemporary } from "./own-temporary.ts"

/** linux/capability.h; what a process has is a number with a bit for each. */
const bits = new Map(
  Object.entries({ DAC_READ_SEARCH: 2, NET_ADMIN: 12, SYS_PTRACE: 19, SYS_ADMIN: 21 }),
)

const all = commands()

/** What is read of a statement of provenance. */
interface Statement {
  readonly predicate: { readonly buildDefinition: { readonly resolvedDependencies: unknown } }
}

/** What a daemon shows of its identity. */
interface Shown {
  readonly spiffeId: string
}

describe("the images", function () {
  this.timeout(60_000)
  const cleanup = new AsyncDisposableStack()
  let temporary: OwnTemporary
  let storage: PodmanStorage
  let builds: readonly (readonly Image[])[]

  before(async function () {
    // A minute and a half where nothing else runs.
    this.timeout(900_000)
    const missing = missingForContainers()
    if (missing !== undefined) {
      this["skipReason"] = missing
      this.skip()
    }
    temporary = cleanup.use(await OwnTemporary.make())
    // Somebody may commit meanwhile.
    const source = await sourceOf(import.meta.dirname)
    const build = async () =>
      buildImages({ commands: all, into: await temporary.folder("images"), source })
    builds = [await build(), await build()]
    storage = cleanup.use(await PodmanStorage.open())
    for (const { archive } of builds[0] ?? []) await storage.podman(["load", "--input", archive])
  })
  after(() => cleanup.disposeAsync())

  const image = (name: string, round = 0): Image => {
    const found = builds[round]?.find((one) => one.name === name)
    assert.ok(found, `${name} has not been built`)
    return found
  }
  const tag = (name: string): string => `localhost/${name}:${image(name).version}`
  const text = (file: string): Promise<string> => readFile(file, "utf8")
  const materials = async ({ provenance }: Image): Promise<unknown> => {
    const { predicate } = JSON.parse(await text(provenance)) as Statement
    return predicate.buildDefinition.resolvedDependencies
  }

  for (const { folder: name, manifest } of all) {
    it(`of ${name} is the same when it is built again, with all that goes with it`, async () => {
      const [first, second] = [image(name), image(name, 1)]
      // They differ where somebody builds the commands anew meanwhile.
      assert.deepEqual(await materials(first), await materials(second))
      assert.equal(first.digest, second.digest)
      assert.equal(await text(first.sbom), await text(second.sbom))
      assert.equal(await text(first.provenance), await text(second.provenance))
    })

    it(`of ${name} says its version and what can be set`, async () => {
      const run = ["run", "--rm", ...confined(storage), tag(name)]
      const { text: version } = await storage.podman([...run, "--version"])
      assert.ok(version.includes(manifest.version ?? "?"), version)
      assert.match((await storage.podman([...run, "--help"])).text, /^Usage: /m)
    })
  }

  it("have a shell where commands are started, and nowhere else", async () => {
    const shell = ["run", "--rm", ...confined(storage), "--entrypoint", "/bin/sh"]
    const says = ["-c", "node --version"]
    const { text: version } = await storage.podman([...shell, tag("cmd-nse-supplier"), ...says])
    assert.match(version, /^v\d+/)
    await assert.rejects(storage.podman([...shell, tag("cmd-nsmgr"), ...says]), /no such file/)
  })

  it("have a command line that says what it cannot do there", async () => {
    const demo = ["run", "--rm", ...confined(storage), tag("cmd-nsm"), "demo"]
    await assert.rejects(storage.podman(demo), /KERNEL_FEATURE_MISSING.*what to do/s)
  })

  describe("together", () => {
    const running = new Map<string, Container>()
    let sockets: string
    let me: Identified

    before(async () => {
      sockets = await temporary.folder("sockets")
      // Everyone makes and finds sockets there, whoever they are.
      await chmod(sockets, 0o1777)
      for (const member of members) {
        const { capabilities } = image(member.image)
        const options = { storage, image: tag(member.image), capabilities, sockets }
        const started = await Container.start(member, options)
        running.set(member.image, started)
        await started.ready()
      }
      me = cleanup.use(await identified({ url: `unix://${sockets}/authority.sock` }))
    })

    const container = (name: string): Container => {
      const found = running.get(name)
      assert.ok(found, `${name} does not run`)
      return found
    }

    for (const { image: name, socket } of members) {
      it(`${name} runs as the user that it names, with what it needs and no more`, () => {
        const { user, capabilities } = image(name)
        const [, uid] = container(name).status("Uid").split("\t")
        const [, gid] = container(name).status("Gid").split("\t")
        assert.equal(`${uid}:${gid}`, user)
        const wanted = capabilities.map((one) => 2 ** (bits.get(one) ?? Number.NaN))
        const has = Number.parseInt(container(name).status("CapEff"), 16)
        assert.equal(
          has,
          wanted.reduce((sum, one) => sum + one, 0),
        )
      })

      it(`${name} is alive and ready`, async () => {
        assert.equal(await container(name).page("/livez"), "ok\n")
        assert.equal(await container(name).page("/readyz"), "ok\n")
      })

      if (name !== "cmd-authority") {
        it(`${name} is known to the authority by user and name`, async () => {
          const { spiffeId } = JSON.parse(await container(name).page("/identity")) as Shown
          const [uid] = image(name).user.split(":")
          assert.equal(spiffeId, `spiffe://nsm.local/uid/${uid}/${name}`)
        })
      }

      if (socket === undefined) continue
      it(`${name} says to gRPC that it serves`, async () => {
        // Who asks who they are cannot show it yet.
        const secure = name === "cmd-authority" ? {} : me.connections
        await using transport = grpcTransport({ name: "test", ...secure })
        const health = transport.client(`unix://${sockets}/${socket}`, healthWire)
        const calls = { clock: systemClock, log: silentLog, signal: AbortSignal.timeout(10_000) }
        const { status } = await withCall(calls, (call) =>
          health.check(create(HealthCheckRequestSchema), call),
        )
        assert.equal(status, Status.SERVING)
      })
    }

    it("make a wire from the client to the endpoint", () => {
      assert.deepEqual(container("cmd-nsc").interfaces(), ["lo", "nsm-1"])
      assert.equal(container("cmd-nse-icmp-responder").interfaces().length, 2)
    })

    for (const { image: name } of members.toReversed()) {
      it(`${name} ends in order when told`, async () => {
        assert.equal(await container(name).end(), 0, await container(name).log())
      })
    }
  })
})
