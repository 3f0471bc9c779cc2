import assert from "node:assert/strict"
import type { NsmError } from "@nsm/sdk"
import { recordPath } from "./record-path.ts"

describe("recordPath", () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
  const token = `${part({ alg: "ES256" })}.${part({ sub: "spiffe://nsm.local/nsc" })}.c2ln`
  const pages: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    nsc: {
      "/path?wire=nsc-0": {
        id: "nsc-0",
        networkService: "icmp",
        segments: [
          { name: "nsc", id: "nsc-0", token },
          { name: "nse", id: "u1", token: "" },
          { name: "far", id: "u2", token: "" },
        ],
      },
      "/identity": { spiffeId: "spiffe://nsm.local/nsc", certificates: "PEM" },
    },
    nse: {},
  }
  const daemons = Object.entries(pages).map(([name, answers]) => ({
    name,
    get: async (path: string) =>
      answers[path] === undefined ? undefined : JSON.stringify(answers[path]),
  }))
  const wires = [
    { id: "nsc-0", client: "nsc", interface: "nsm-1" },
    { id: "two-0", client: "two", interface: "nsm-1" },
    { id: "two-1", client: "two", interface: "nsm-2" },
  ]
  const options = { wires, daemons, now: 0 }

  it("takes down the hops with what each shows, or why it shows nothing", async () => {
    assert.deepEqual(await recordPath({ ...options, wire: "nsc/nsm-1" }), {
      version: 1,
      takenAt: "1970-01-01T00:00:00.000Z",
      connection: { id: "nsc-0", networkService: "icmp" },
      hops: [
        { name: "nsc", id: "nsc-0", token, certificates: "PEM" },
        {
          ...{ name: "nse", id: "u1", token: "", certificates: "" },
          missing: "nse shows no identity",
        },
        {
          ...{ name: "far", id: "u2", token: "", certificates: "" },
          missing: "far is not of this playground",
        },
      ],
      trustDomains: ["nsm.local"],
    })
  })

  it("knows a wire by its id, and by its client when that has no other", async () => {
    for (const wire of ["nsc-0", "nsc"]) {
      assert.equal((await recordPath({ ...options, wire })).connection.id, "nsc-0")
    }
  })

  it("says which wires there are when it is not plain which is meant", async () => {
    await assert.rejects(
      recordPath({ ...options, wire: "two" }),
      ({ text, remedy }: NsmError) =>
        text === "two has several wires" && remedy === "Choose one of: two/nsm-1, two/nsm-2",
    )
    await assert.rejects(
      recordPath({ ...options, wire: "three" }),
      ({ reason, remedy }: NsmError) =>
        reason === "CONNECTION_NOT_FOUND" && /nsc\/nsm-1, two\/nsm-1/.test(remedy),
    )
  })

  it("says so when a wire has no path yet", async () => {
    await assert.rejects(
      recordPath({ ...options, wire: "two-0" }),
      ({ reason, text }: NsmError) =>
        reason === "CONNECTION_NOT_FOUND" && text === "the wire two-0 has no path yet",
    )
  })
})
