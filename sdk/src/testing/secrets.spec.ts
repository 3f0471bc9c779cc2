import assert from "node:assert/strict"
import { newKey } from "../authority/issuer.ts"
import { jwt } from "./jwt.ts"
import { assertNoSecrets, secretsIn } from "./secrets.ts"

describe("secretsIn", () => {
  const { privateKey, publicKey } = newKey()
  const der = (type: "pkcs8" | "sec1"): Buffer => privateKey.export({ type, format: "der" })
  const secrets: readonly (readonly [title: string, text: string])[] = [
    ["a token", jwt({ sub: "spiffe://nsm.local/nsc" }, { key: privateKey })],
    ["a token without its signature", jwt({ sub: "spiffe://nsm.local/nsc" }).replace(/[^.]*$/, "")],
    ["a key in PEM", privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
    [
      "a key in PEM of the older kind",
      privateKey.export({ type: "sec1", format: "pem" }).toString(),
    ],
    ["a key in base64", der("pkcs8").toString("base64")],
    ["a key of the older kind in base64", der("sec1").toString("base64")],
    ["a key in hexadecimal digits", der("pkcs8").toString("hex")],
    ["a key as JSON Web Key", JSON.stringify(privateKey.export({ format: "jwk" }))],
  ]
  const { x = "", y = "" } = publicKey.export({ format: "jwk" })
  const known = [x, y]
  for (const [title, secret] of secrets) {
    it(`finds ${title}, says where, and does not repeat it`, () => {
      const log = `{"msg":"ready"}\n${JSON.stringify({ msg: "called", token: secret })}\n`
      const found = secretsIn(log).join("\n")
      assert.match(found, /in line 2, after: /)
      const parts = (secret.match(/[\w+/-]{40,}/g) ?? []).filter((part) => !known.includes(part))
      for (const part of parts) assert.ok(!found.includes(part))
      assert.throws(() => assertNoSecrets("nsmgr", log), /^Error: nsmgr has written secrets/)
    })
  }

  it("finds nothing in what everybody may know", () => {
    const open = [
      publicKey.export({ type: "spki", format: "pem" }).toString(),
      publicKey.export({ type: "spki", format: "der" }).toString("base64"),
      JSON.stringify(publicKey.export({ format: "jwk" })),
      "spiffe://nsm.local/uid/0/nsmgr, which is valid until 2026-11-21T13:00:00.000Z",
    ]
    assert.deepEqual(open.flatMap(secretsIn), [])
  })
})
