import assert from "node:assert/strict"
import { readOptions, UsageError } from "./options.ts"

describe("the options of the conformance suite", () => {
  const right = ["--address", "tcp://192.0.2.1:5001", "--role", "nsmgr"]
  const socket = { SPIFFE_ENDPOINT_SOCKET: "unix:///run/agent.sock" }

  it("name what is checked, with the identity that the environment names", () => {
    const options = readOptions(right, socket)
    assert.ok(typeof options === "object")
    assert.equal(options.role, "nsmgr")
    assert.equal(options.spiffeSocket, "unix:///run/agent.sock")
    assert.equal(options.place, "127.0.0.1")
  })

  it("ask for help and for the list before anything else", () => {
    assert.equal(readOptions(["--help"], {}), "help")
    assert.equal(readOptions(["--list"], {}), "list")
  })

  const wrong: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
    { args: ["--role", "nsmgr"], says: /--address is missing/ },
    { args: ["--address", "192.0.2.1:5001", "--role", "nsmgr"], says: /write tcp:/ },
    { args: ["--address", "tcp://192.0.2.1:5001"], says: /--role must be one of registry, nsmgr/ },
    { args: [...right, "--rolle", "x"], says: /--rolle/ },
    { args: [...right.slice(0, 3), "forwarder"], says: /--manager is missing/ },
    { args: [...right.slice(0, 3), "nse"], says: /--service is missing/ },
  ]
  for (const { args, says } of wrong) {
    it(`do not take "${args.join(" ")}"`, () => {
      assert.throws(
        () => readOptions(args, socket),
        (thrown) => thrown instanceof UsageError && says.test(thrown.message),
      )
    })
  }

  it("do not do without an identity", () => {
    assert.throws(() => readOptions(right, {}), /--spiffe-socket is missing/)
  })
})
