import { NsmError } from "../core/errors.ts"
import { builtInPolicies } from "./built-in/built-in.ts"
import type { Policy } from "./policy.ts"
import type { FollowOptions } from "./user/followed-file.ts"

/** Policies that were named in a setting, until they are disposed. */
export interface LoadedPolicies extends AsyncDisposable {
  readonly policies: readonly Policy[]
}

/**
 * Loads the policies that a setting names: masks for those that come with the suite, then paths of
 * policies compiled to WebAssembly, or URLs of an Open Policy Agent. Fails with POLICY_INVALID.
 */
export async function loadPolicies(
  entries: readonly string[],
  options: FollowOptions,
): Promise<LoadedPolicies> {
  await using loading = new AsyncDisposableStack()
  const own: Policy[] = []
  const named = new Set<Policy>()
  for (const entry of entries) {
    if (isRemote(entry)) {
      const { remotePolicy } = await import("./user/remote.ts")
      const policy = remotePolicy({ url: entry, clock: options.clock })
      if (!isPrivate(entry)) {
        options.log.warn("a policy is asked over plain HTTP, where others can read tokens", {
          policy: policy.name,
        })
      }
      own.push(policy)
    } else if (isFile(entry)) {
      const { followedPolicy } = await import("./user/followed-file.ts")
      own.push(loading.use(await followedPolicy(entry, options)))
    } else {
      for (const policy of builtIn(entry)) named.add(policy)
    }
  }
  const loaded = loading.move()
  return {
    policies: [...builtInPolicies.filter((policy) => named.has(policy)), ...own],
    [Symbol.asyncDispose]: () => loaded.disposeAsync(),
  }
}

function isRemote(entry: string): boolean {
  return /^https?:\/\//.test(entry)
}

/** Whether nobody can read what is sent there. */
function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === "https:" || hostname === "localhost" || /^(127\.|\[::1\])/.test(hostname)
}

function isFile(entry: string): boolean {
  return /\.(wasm|tar\.gz|tgz)$/.test(entry)
}

/** The policies whose files in the Go implementation a mask matches. */
function builtIn(mask: string): readonly Policy[] {
  const matches = builtInPolicies.filter(({ name }) => {
    const path = `etc/nsm/opa/${name}.rego`
    return name === mask || path.endsWith(`/${mask}`) || pattern(mask).test(path)
  })
  if (matches.length > 0) return matches
  const names = builtInPolicies.map(({ name }) => name).join(", ")
  throw new NsmError(
    "POLICY_INVALID",
    mask.endsWith(".rego")
      ? `${mask} is none of the policies that are built in (${names}); ` +
          "compile others with: opa build --target wasm --entrypoint nsm/valid"
      : `${mask} is neither a policy that is built in (${names}) nor a path ending in .wasm or ` +
          ".tar.gz nor a URL of an Open Policy Agent",
  )
}

function pattern(mask: string): RegExp {
  try {
    return new RegExp(`^(?:${mask})$`)
  } catch (cause) {
    throw new NsmError("POLICY_INVALID", `${mask} is no regular expression`, { cause })
  }
}
