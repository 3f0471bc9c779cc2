import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import { unpackTar } from "modern-tar"
import { NsmError } from "../../core/errors.ts"

/** A compiled policy and the data that it was built with. */
export interface CompiledPolicy {
  readonly wasm: Uint8Array
  readonly data: object
}

/** More than any policy takes; a bomb ends here. */
const largest = 64 * 1024 * 1024

/** Reads a policy: a bundle as `opa build --target wasm` writes it, or the `policy.wasm` in one. */
export async function readPolicy(file: Uint8Array): Promise<CompiledPolicy> {
  if (isWasm(file)) return { wasm: compiled(file), data: {} }
  const files = await unpacked(file)
  const wasm = files.get("policy.wasm")
  if (!wasm) throw invalid("it has no policy.wasm; build it with --target wasm")
  return { wasm: compiled(wasm), data: dataIn(files.get("data.json")) }
}

/** Every WebAssembly module begins so. */
function isWasm(file: Uint8Array): boolean {
  return Buffer.from(file.subarray(0, 4)).equals(Buffer.from("\0asm"))
}

/** Other modules make the library complain on standard error. */
function compiled(wasm: Uint8Array): Uint8Array {
  if (Buffer.from(wasm).includes("opa_wasm_abi_version")) return wasm
  throw invalid("it is no WebAssembly that OPA compiled")
}

async function unpacked(file: Uint8Array): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
  try {
    const archive = await promisify(gunzip)(file, { maxOutputLength: largest })
    const files = await unpackTar(archive, { strict: true })
    return new Map(files.map(({ header: { name }, data }) => [name.replace(/^(\.?\/)+/, ""), data]))
  } catch (cause) {
    throw invalid("it is neither WebAssembly nor a bundle (.tar.gz)", cause)
  }
}

function dataIn(json: Uint8Array | undefined): object {
  try {
    const data: unknown = json ? JSON.parse(Buffer.from(json).toString("utf8")) : {}
    if (typeof data === "object" && data !== null) return data
  } catch {
    // What it says of the text helps less than the name of the file.
  }
  throw invalid("its data.json is no JSON object")
}

function invalid(text: string, cause?: unknown): NsmError {
  return new NsmError("POLICY_INVALID", text, { cause })
}
