import { readFile } from "node:fs/promises"
import {
  loadPolicies,
  NsmError,
  parseRecording,
  type PolicyPoint,
  type PolicyRecord,
  replay,
  silentLog,
  systemClock,
} from "@nsm/sdk"
import { exitCodes } from "../exit-code.ts"
import { type Format, print, printJson } from "../view/output.ts"
import { table } from "../view/table.ts"

/** Where policies are asked, as recordings name it. */
export const points = [
  "server",
  "client",
  "registry-server",
  "registry-client",
  "monitor",
] as const satisfies readonly PolicyPoint[]

/** What is tried on what. */
export interface PolicyTest {
  readonly policy: readonly string[]
  readonly record: readonly string[]
  readonly point?: PolicyPoint
  readonly output: Format
}

/** An answer that is another one with the policies that are tried. */
interface Change {
  readonly time: string
  readonly point: PolicyPoint
  /** The path, or what was registered. */
  readonly about: string
  readonly before: PolicyRecord["verdict"]
  readonly after: PolicyRecord["verdict"]
  /** Why it was or would be refused. */
  readonly why: string
}

/** Replays recordings; answers the exit status, which says whether an answer has changed. */
export async function testPolicies({
  policy,
  record: files,
  point,
  output,
}: PolicyTest): Promise<number> {
  const all = (await Promise.all(files.map(recording))).flat()
  const records = all.filter((each) => point === undefined || each.point === point)
  await using loaded = await loadPolicies(policy, { clock: systemClock, log: silentLog })
  const changes: Change[] = []
  for (const record of records) {
    const { verdict: after, why = "" } = await replay(record, loaded.policies)
    if (after === record.verdict) continue
    const { time, point, verdict: before } = record
    changes.push({ time, point, about: about(record), before, after, why: why || record.why || "" })
  }
  if (output === "json") printJson({ schemaVersion: 1, replayed: records.length, changes })
  else print(text(records.length, changes))
  return changes.length === 0 ? exitCodes.ok : exitCodes.failed
}

async function recording(file: string): Promise<readonly PolicyRecord[]> {
  const content = await readFile(file, "utf8").catch((failure: unknown) => {
    throw new NsmError("INVALID_CONFIGURATION", `${file} cannot be read`, {
      cause: failure,
      remedy: "Name a file that a process has written to its NSM_POLICY_RECORD.",
    })
  })
  try {
    return parseRecording(content)
  } catch (failure) {
    throw new NsmError("INVALID_CONFIGURATION", `${file}: ${NsmError.from(failure).text}`, {
      remedy: "Record anew with this version.",
    })
  }
}

function about({ input }: PolicyRecord): string {
  const { resource_name, service_spiffe_id, path_segments = [] } = input
  const path = path_segments.map(({ name = "?" }) => name).join(" > ")
  return resource_name ?? service_spiffe_id ?? path
}

function text(replayed: number, changes: readonly Change[]): string {
  const count = `${replayed} replayed, ${changes.length} answered otherwise`
  if (changes.length === 0) return count
  const rows = changes.map(({ time, point, about, before, after, why }) => [
    ...[time, point, about, before, after, why],
  ])
  return `${table(["TIME", "POINT", "ABOUT", "WAS", "WOULD BE", "WHY"], rows)}\n\n${count}`
}
