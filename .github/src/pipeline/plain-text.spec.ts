import assert from "node:assert/strict"
import { tmpdir } from "node:os"
import { plainText } from "./plain-text.ts"

const place = `${tmpdir()}/nsm-alone-a1/builds/0123456789abcdef`

describe("plain text", () => {
  for (const [said, shown] of [
    ["_authToken=abcdef123456", "_authToken=[hidden]"],
    ['"password": "a b c"', '"password": [hidden]'],
    ["Authorization: Bearer abcdef.123456", "Authorization: Bearer [hidden]"],
    ["ghp_abcdefghijklmnopqrst in it", "[hidden] in it"],
    ["eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "[hidden]"],
    ["-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "[hidden]"],
    ["https://me:secret@forge.example/a.git", "https://forge.example/a.git"],
    [`at file://${place}/src/a.ts:1:2`, "at src/a.ts:1:2"],
    [`(${place}/node_modules/@nsm/api/index.js)`, "(node_modules/@nsm/api/index.js)"],
    ["cannot open /home/someone/.npm/_logs/a.log", "cannot open …/a.log"],
    [`http://127.0.0.1:4321/${"0a".repeat(32)}/@nsm/api`, "registry:@nsm/api"],
    ["\u001B[31mred\u001B[0m", "red"],
    // These say nothing of a machine.
    ["POST /networkservice.NetworkService/Request", "POST /networkservice.NetworkService/Request"],
    ["connect 127.0.0.1:5000 refused", "connect 127.0.0.1:5000 refused"],
    ["src/home/a.ts and ../var/b.ts", "src/home/a.ts and ../var/b.ts"],
    ["npm_config_local_prefix is set", "npm_config_local_prefix is set"],
    ["a basic authentication scheme", "a basic authentication scheme"],
    ["Property 'token' does not exist", "Property 'token' does not exist"],
  ] as const) {
    it(`shows ${JSON.stringify(shown)}`, () => {
      assert.equal(plainText(said), shown)
      assert.equal(plainText(shown), shown)
    })
  }
})
