import assert from "node:assert/strict"
import fc from "fast-check"
import { NsmError } from "../core/errors.ts"
import { parseServiceUrl, parseServiceUrls, type ServiceUrl } from "./service-url.ts"

describe("parseServiceUrl", () => {
  const good: readonly (readonly [url: string, read: Read])[] = [
    ["kernel://icmp", { service: "icmp", type: "KERNEL", parameters: {}, labels: {} }],
    [
      "kernel://icmp/nsm-1?app=x",
      { service: "icmp", type: "KERNEL", parameters: { name: "nsm-1" }, labels: { app: "x" } },
    ],
    [
      "kernel://secure-proxy@cloud2.com/if-proxy?username=jdoe",
      {
        service: "secure-proxy@cloud2.com",
        type: "KERNEL",
        parameters: { name: "if-proxy" },
        labels: { username: "jdoe" },
      },
    ],
    [
      "vfio://l2-controller?sriovToken=l2.domain/1G",
      {
        service: "l2-controller",
        type: "VFIO",
        parameters: {},
        labels: { sriovToken: "l2.domain/1G" },
      },
    ],
    ["memif://a/b/c", { service: "a", type: "MEMIF", parameters: { name: "c" }, labels: {} }],
    ["kernel://icmp:80/", { service: "icmp", type: "KERNEL", parameters: {}, labels: {} }],
    [
      " kernel://ICMP_x?a=1&b=%20c&a=2 ",
      { service: "ICMP_x", type: "KERNEL", parameters: {}, labels: { a: "1,2", b: " c" } },
    ],
  ]
  for (const [url, read] of good) {
    it(`reads ${url}`, () => {
      assert.deepEqual(readOf(parseServiceUrl(url)), read)
    })
  }

  for (const url of [
    "",
    "icmp",
    "icmp/nsm-1",
    "kernel:",
    "kernel:icmp",
    "kernel://",
    "kernel:///nsm-1",
    "kernel://a b",
    "kernel://icmp?=x",
    "kernel://%zz/",
  ]) {
    it(`refuses ${JSON.stringify(url)} and shows the form`, () => {
      assert.throws(() => parseServiceUrl(url), {
        reason: "INVALID_URL",
        message: /write kernel:\/\/service\[@domain\]\[\/interface\]\[\?label=value\]$/,
      })
    })
  }

  it("refuses an interface name that Linux does not take, naming the URL", () => {
    assert.throws(() => parseServiceUrl("kernel://icmp/much-too-long-a-name"), {
      reason: "INTERFACE_NAME_INVALID",
      message: /of kernel:\/\/icmp\/much-too-long-a-name has 20 bytes/,
    })
  })
})

describe("parseServiceUrl on any text", () => {
  it("answers or fails with a reason that says what to write", () => {
    const parts = fc.constantFrom(
      "kernel",
      "://",
      "icmp",
      "@",
      "/",
      "nsm-1",
      "?",
      "a=b",
      "&",
      "%",
      ":80",
      " ",
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(parts).map((list) => list.join("")),
    )
    fc.assert(
      fc.property(text, (url) => {
        try {
          const { networkService, mechanism } = parseServiceUrl(url)
          assert.notEqual(networkService, "")
          assert.notEqual(mechanism.type, "")
        } catch (failure) {
          assert.ok(failure instanceof NsmError)
          assert.match(failure.reason, /^(INVALID_URL|INTERFACE_NAME_INVALID)$/)
        }
      }),
    )
  })
})

describe("parseServiceUrls", () => {
  it("reads a list, passing over empty items", () => {
    const services = parseServiceUrls("kernel://a/nsm-1, kernel://b/nsm-2,").map(
      (url) => url.networkService,
    )
    assert.deepEqual(services, ["a", "b"])
  })

  it("reads an empty list", () => {
    assert.deepEqual(parseServiceUrls(""), [])
  })
})

interface Read {
  readonly service: string
  readonly type: string
  readonly parameters: object
  readonly labels: object
}

function readOf({ networkService: service, mechanism, labels }: ServiceUrl): Read {
  assert.equal(mechanism.cls, "LOCAL")
  return { service, type: mechanism.type, parameters: mechanism.parameters, labels }
}
