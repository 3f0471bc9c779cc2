import { allowed, type Policy } from "../policy.ts"
import { brief } from "./segment.ts"

/** A name belongs to who registered it first. */
export const clientAllowed: Policy = {
  name: "registry/client_allowed",
  evaluate({ input: { resource_id, resource_name: name, resource_path_ids_map: known = {} } }) {
    if (name !== undefined && !Object.hasOwn(known, name)) return allowed
    const [owner] = known[name ?? ""] ?? []
    if (owner !== undefined && owner === resource_id) return allowed
    return {
      isAllowed: false,
      rule: "a name belongs to who registered it first",
      why:
        `${brief(name ?? "")} was registered by ${brief(owner ?? "nobody")}, ` +
        `not by ${brief(resource_id ?? "nobody")}`,
      remedy: "register under another name, or have its owner unregister it",
    }
  },
}
