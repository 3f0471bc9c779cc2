import { NsmError } from "../../core/errors.ts"
import { allowed, type Policy, type Question } from "../policy.ts"
import { readPolicy } from "./bundle.ts"
import { regoFunctions } from "./rego-functions.ts"
import { saidNo } from "./said-no.ts"

/** What every policy of users has to be built with. */
const entryPoint = "nsm/valid"
/** What a policy may be built with too: a text that says why not. */
const explanation = "nsm/why"

/** Functions of Rego that the library has. */
const ofLibrary = new Set([
  "json.is_valid",
  "regex.split",
  "sprintf",
  "yaml.is_valid",
  "yaml.marshal",
  "yaml.unmarshal",
])

/** In pages of 64 KiB: where a policy begins, and where it fails. */
const memory = { initial: 5, maximum: 1024 }

/** Makes a policy of what `opa build --target wasm` wrote. Fails with POLICY_INVALID. */
export async function wasmPolicy(file: Uint8Array): Promise<Policy["evaluate"]> {
  const { wasm, data } = await readPolicy(file)
  // Not before the first policy of a user: most daemons have none.
  const { loadPolicy } = await import("@open-policy-agent/opa-wasm")
  let current: Question | undefined
  const functions = regoFunctions(() => {
    if (!current) throw new NsmError("INTERNAL", "a policy runs without a question")
    return current
  })
  const loaded = await loadPolicy(wasm, { ...memory }, functions).catch((cause: unknown) => {
    throw new NsmError("POLICY_INVALID", "it is no WebAssembly that OPA compiled", { cause })
  })
  const points = Object.keys(loaded.entrypoints as object)
  if (!points.includes(entryPoint)) {
    throw new NsmError(
      "POLICY_INVALID",
      `its entry points are ${points.join(", ")}; build it with --entrypoint ${entryPoint}`,
    )
  }
  const missing = functionsOf(loaded as unknown as Compiled).filter(
    (name) => !ofLibrary.has(name) && !functions[name],
  )
  if (missing.length > 0) {
    throw new NsmError("POLICY_INVALID", `it calls ${missing.join(", ")}, which is not known here`)
  }
  loaded.setData(data)

  const result = (point: string, input: object): unknown => {
    const [first] = loaded.evaluate(input, point) as { result: unknown }[]
    return first?.result
  }
  return (question) => {
    current = question
    try {
      const { input } = question
      if (result(entryPoint, input) === true) return allowed
      return saidNo(points.includes(explanation) ? result(explanation, input) : undefined)
    } catch (thrown) {
      throw failed(thrown)
    } finally {
      current = undefined
    }
  }
}

/** What the library does not tell of a compiled policy. */
interface Compiled {
  readonly mem: { readonly buffer: ArrayBuffer }
  readonly wasmInstance: {
    readonly exports: { builtins(): number; opa_json_dump(address: number): number }
  }
}

/** The names of the functions that a policy leaves to whoever runs it. */
function functionsOf({ mem, wasmInstance: { exports } }: Compiled): readonly string[] {
  const from = exports.opa_json_dump(exports.builtins())
  const bytes = Buffer.from(mem.buffer)
  return Object.keys(JSON.parse(bytes.toString("utf8", from, bytes.indexOf(0, from))) as object)
}

/** The library throws texts and plain objects as well. */
function failed(thrown: unknown): NsmError {
  if (thrown instanceof Error) return NsmError.from(thrown, "POLICY_FAILED")
  const { message = thrown } = thrown as { readonly message?: unknown }
  return new NsmError("POLICY_FAILED", String(message))
}
