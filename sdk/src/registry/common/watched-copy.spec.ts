import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type NetworkService, type NetworkServiceResponse, NetworkServiceSchema } from "@nsm/api"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { serviceKind } from "../kind.ts"
import { memoryRegistry } from "./store.ts"
import { WatchedCopy } from "./watched-copy.ts"

describe("WatchedCopy", () => {
  const service = (name: string): NetworkService => create(NetworkServiceSchema, { name })
  const make = () => {
    const clock = new FakeClock()
    const pipe = new TransformStream<NetworkServiceResponse>()
    const writer = pipe.writable.getWriter()
    const copy = new WatchedCopy(serviceKind)
    const followed = copy.follow(
      { ...memoryRegistry(serviceKind), find: () => pipe.readable },
      serviceKind.query(undefined, false),
      { clock, log: silentLog, signal: undefined },
    )
    const tell = async (name: string, deleted = false): Promise<void> => {
      await writer.write(serviceKind.response(service(name), deleted))
      await clock.advance(0)
    }
    const names = (): readonly string[] | undefined => copy.entries()?.map(({ name }) => name)
    return { copy, writer, followed, tell, names }
  }

  it("is complete when it was told of all that a direct find has found", async () => {
    const { copy, tell, names } = make()
    await tell("a")
    assert.equal(names(), undefined)
    copy.compare([service("a"), service("b")])
    assert.equal(names(), undefined)
    await tell("b")
    assert.deepEqual(names(), ["a", "b"])
    await tell("a", true)
    assert.deepEqual(names(), ["b"])
  })

  it("gives a later find a chance when what was found has gone before it was told of", async () => {
    const { copy, tell, names } = make()
    copy.compare([service("a"), service("gone")])
    await tell("a")
    assert.equal(names(), undefined)
    copy.compare([service("a")])
    assert.deepEqual(names(), ["a"])
  })

  it("has nothing to say when the watch has ended, or failed", async () => {
    const ends = [
      ({ writer }: ReturnType<typeof make>) => writer.close(),
      ({ writer }: ReturnType<typeof make>) => writer.abort(new NsmError("PEER_UNREACHABLE", "x")),
    ]
    for (const end of ends) {
      const made = make()
      made.copy.compare([])
      assert.deepEqual(made.names(), [])
      await end(made)
      await made.followed
      assert.ok(made.copy.isBroken)
      assert.equal(made.names(), undefined)
    }
  })
})
