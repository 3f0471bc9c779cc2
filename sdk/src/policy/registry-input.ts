import type { RegistryPath } from "../registry/registry-path.ts"
import { claimsOf, readJwt } from "./jwt.ts"
import type { Subject } from "./question.ts"

/** What registry policies are asked about. */
export interface RegistrationSubject {
  /** Name of what is registered. */
  readonly name: string
  readonly path: RegistryPath
  /** Path ids of what was registered before, by name. */
  readonly known: Readonly<Record<string, readonly string[]>>
}

/** A registration as policies see it: it is of whoever made the first token of its path. */
export function registryInput({ name, path, known }: RegistrationSubject): Subject {
  const { index, tokens } = path
  const first = readJwt(tokens[0] ?? "")
  return {
    resource_id: (first && claimsOf(first).subject) ?? "",
    resource_name: name,
    resource_path_ids_map: known,
    path_segments: tokens.map((token) => (token === "" ? {} : { token })),
    index,
  }
}
