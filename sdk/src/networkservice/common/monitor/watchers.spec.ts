import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { MonitorScopeSelectorSchema } from "@nsm/api"
import { FakeClock } from "../../../testing/fake-clock.ts"
import { requestAtHop } from "../../../testing/messages.ts"
import { connectionOf } from "../../connection.ts"
import { Watcher } from "./watcher.ts"
import { Watchers } from "./watchers.ts"

const watcher = (selector: MessageInitShape<typeof MonitorScopeSelectorSchema>) =>
  new Watcher(create(MonitorScopeSelectorSchema, selector), new FakeClock())
const connection = (id: string) => connectionOf(requestAtHop("hop", id))

describe("Watchers", () => {
  it("finds those who asked for a connection by id, and no others, among thousands", () => {
    const watchers = new Watchers()
    const all = Array.from({ length: 5000 }, (_, at) =>
      watcher({ pathSegments: [{ id: `${at}` }] }),
    )
    for (const one of all) watchers.add(one)
    assert.deepEqual([...watchers.of(connection("4321"))], [all[4321]])
    assert.equal([...watchers].length, 5000)
  })

  it("finds those who named no id for every connection", () => {
    const watchers = new Watchers()
    const wide = watcher({ pathSegments: [{ name: "hop" }] })
    watchers.add(wide)
    assert.deepEqual([...watchers.of(connection("a"))], [wide])
    assert.deepEqual([...watchers.of(connection("b"))], [wide])
  })

  it("finds those who asked by the id of any segment", () => {
    const watchers = new Watchers()
    const caller = watcher({ pathSegments: [{ name: "client" }, { id: "a" }] })
    watchers.add(caller)
    assert.deepEqual([...watchers.of(connection("a"))], [caller])
  })

  it("forgets who is deleted", () => {
    const watchers = new Watchers()
    const [one, other] = [watcher({ pathSegments: [{ id: "a" }] }), watcher({})]
    watchers.add(one)
    watchers.add(other)
    watchers.delete(one)
    watchers.delete(other)
    assert.deepEqual([...watchers.of(connection("a"))], [])
    assert.deepEqual([...watchers], [])
  })
})
