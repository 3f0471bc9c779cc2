import { createWriteStream, mkdirSync } from "node:fs"
import { join } from "node:path"
import { finished } from "node:stream/promises"
import type { Log } from "../core/log.ts"
import type { PolicyRecord } from "../policy/record.ts"

/** Where is recorded. */
export interface PolicyRecordingOptions {
  /** Made when it is not there; only its owner can look into it. */
  readonly folder: string
  /** Name of the process, and of its file. */
  readonly name: string
  readonly log: Log
}

/** Writes down what policies are asked, until it is disposed. */
export interface PolicyRecording extends AsyncDisposable {
  readonly record: (record: PolicyRecord) => void
}

/** Of what the disk does not take in time, so much waits. */
const mostWaiting = 8 * 1024 * 1024

/**
 * Writes records to a file, one JSON document in each line, and adds to what is there. A disk that is
 * full or too slow costs records, never calls.
 */
export function policyRecording({ folder, name, log }: PolicyRecordingOptions): PolicyRecording {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${name}.jsonl`)
  const file = createWriteStream(path, { flags: "a", mode: 0o600 })
  let isLossy = false
  const lost = (error?: unknown): void => {
    if (!isLossy) log.warn("what policies are asked is not all recorded", { path, error })
    isLossy = true
  }
  file.on("error", lost)
  return {
    record(record) {
      if (file.writableLength < mostWaiting && file.writable)
        file.write(`${JSON.stringify(record)}\n`)
      else lost()
    },
    async [Symbol.asyncDispose]() {
      file.end()
      await finished(file).catch(lost)
    },
  }
}
