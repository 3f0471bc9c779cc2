import { optional } from "./kinds.ts"
import type { Kind, Setting } from "./setting.ts"

const url: Kind<string> = {
  form: "a URL such as file:///run/netns/blue or inode://4/4026531840",
  parse(value) {
    if (/^file:\/\/\/.+/.test(value) || /^inode:\/\/\d+\/\d+$/.test(value)) return value
    throw new RangeError()
  },
}

/** The namespace in which this process runs. */
function own(): string {
  return `file:///proc/${process.pid}/ns/net`
}

/** The setting that says in which network namespace a wire ends. */
export function namespaceUrl(description: string): Setting<string> {
  const { form, parse } = optional(url)
  return {
    env: "NSM_NAMESPACE_URL",
    kind: { form, parse: (value) => parse(value) ?? own() },
    default: "",
    description: `${description}; empty is the one this process runs in (an addition to the Go program)`,
  }
}
