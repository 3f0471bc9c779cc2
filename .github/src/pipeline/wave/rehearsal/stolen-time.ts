import { readFile } from "node:fs/promises"
import { availableParallelism } from "node:os"

/** Which part of a span a machine's processors were busy for others that share the hardware. */
export interface StolenTime {
  /** From 0 to 1, since it was begun; undefined where the system does not tell. */
  share(): Promise<number | undefined>
}

/** Begins to look. */
export async function stolenTime(): Promise<StolenTime> {
  const before = await stolenMs()
  const began = performance.now()
  return {
    async share() {
      const after = await stolenMs()
      if (before === undefined || after === undefined) return undefined
      return (after - before) / ((performance.now() - began) * availableParallelism())
    },
  }
}

/** Linux counts it in hundredths of a second, for all processors together. */
async function stolenMs(): Promise<number | undefined> {
  const text = await readFile("/proc/stat", "utf8").catch(() => "")
  const [, , , , , , , , stolen] = text.split("\n")[0]?.split(/\s+/) ?? []
  return stolen === undefined ? undefined : Number(stolen) * 10
}
