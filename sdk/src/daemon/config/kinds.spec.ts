import assert from "node:assert/strict"
import { httpAddress } from "./http-address.ts"
import { boolean, duration, integer, listOf, map, name, oneOf, optional, text } from "./kinds.ts"
import { logLevel } from "./log-level.ts"
import type { Kind } from "./setting.ts"
import { dialUrl, listenUrl, workloadUrl } from "./urls.ts"

const wrong = Symbol("wrong")

const table: readonly [string, Kind<unknown>, readonly [string, unknown][]][] = [
  [
    "name",
    name,
    [
      ["nsc", "nsc"],
      ["", wrong],
    ],
  ],
  [
    "integer",
    integer,
    [
      ["0", 0],
      ["9_000", 9000],
      ["0x10", 16],
      ["-1", wrong],
      ["1.5", wrong],
      ["", wrong],
    ],
  ],
  [
    "boolean",
    boolean,
    [
      ["1", true],
      ["True", true],
      ["f", false],
      ["yes", wrong],
      ["tRUE", wrong],
    ],
  ],
  [
    "duration",
    duration,
    [
      ["5s", 5000],
      ["-5s", wrong],
      ["soon", wrong],
    ],
  ],
  [
    "oneOf",
    oneOf("polite", "strict"),
    [
      ["strict", "strict"],
      ["Strict", wrong],
      ["", wrong],
    ],
  ],
  [
    "listOf",
    listOf(integer),
    [
      ["", []],
      ["1, 2", [1, 2]],
      ["1,,2", wrong],
      ["1,x", wrong],
    ],
  ],
  [
    "map",
    map,
    [
      ["", {}],
      ["a:b, c:d:e", { a: "b", c: "d:e" }],
      ["a:", { a: "" }],
      ["a", wrong],
      [":b", wrong],
    ],
  ],
  [
    "optional",
    optional(integer),
    [
      ["", undefined],
      ["7", 7],
      ["x", wrong],
    ],
  ],
  [
    "text",
    text,
    [
      ["", ""],
      ["a,b", "a,b"],
    ],
  ],
  [
    "logLevel",
    logLevel,
    [
      ["TRACE", "trace"],
      ["Warning", "warn"],
      ["fatal", "error"],
      ["loud", wrong],
    ],
  ],
  [
    "httpAddress",
    httpAddress,
    [
      [":8081", { host: undefined, port: 8081 }],
      ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
      ["[::1]:80", { host: "::1", port: 80 }],
      ["unix:///run/http", { path: "/run/http" }],
      ["8081", wrong],
      [":65536", wrong],
      ["unix://run", wrong],
    ],
  ],
  [
    "listenUrl",
    listenUrl,
    [
      ["unix:///run/nsm.sock", "unix:///run/nsm.sock"],
      ["unix:relative", wrong],
      ["tcp://:5001", "tcp://:5001"],
      ["tcp://[fd00::1]:5001", "tcp://[fd00::1]:5001"],
      ["tcp://10.0.0.1", wrong],
      ["tcp://10.0.0.1:99999", wrong],
      ["/run/nsm.sock", wrong],
      ["unix://", wrong],
      ["http://a:1", wrong],
    ],
  ],
  [
    "dialUrl",
    dialUrl,
    [
      ["unix:///run/nsm.sock", "unix:///run/nsm.sock"],
      ["registry:5002", "tcp://registry:5002"],
      ["dns:///registry:5002", "tcp://registry:5002"],
      ["tcp://registry:5002", "tcp://registry:5002"],
      ["tcp://:5002", wrong],
      ["registry", wrong],
      ["http://registry:1", wrong],
    ],
  ],
  [
    "workloadUrl",
    workloadUrl,
    [
      ["unix:///run/spire/agent.sock", "unix:///run/spire/agent.sock"],
      ["unix:/run/spire/agent.sock", "unix:///run/spire/agent.sock"],
      ["tcp://127.0.0.1:8081", "tcp://127.0.0.1:8081"],
      ["tcp://[::1]:8081", "tcp://[::1]:8081"],
      ["tcp://localhost:8081", wrong],
      ["tcp://127.0.0.1", wrong],
      ["127.0.0.1:8081", wrong],
      ["unix:agent.sock", wrong],
      ["unix://agent.sock", wrong],
      ["/run/spire/agent.sock", wrong],
      ["", wrong],
    ],
  ],
]

describe("kinds of settings", () => {
  for (const [kind, { form, parse }, examples] of table) {
    for (const [value, expected] of examples) {
      const what = expected === wrong ? "refuses" : "reads"
      it(`${what} ${JSON.stringify(value)} as ${kind}`, () => {
        if (expected === wrong) assert.throws(() => parse(value), Error, form)
        else assert.deepEqual(parse(value), expected)
      })
    }
  }
})
