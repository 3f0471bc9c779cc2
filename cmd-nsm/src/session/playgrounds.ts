import { readdir } from "node:fs/promises"
import { makerOf } from "./claim.ts"
import {
  removeDirectory,
  type SessionDirectory,
  sessionDirectory,
  sessionsPath,
} from "./directory.ts"
import { liveRecord, startTicks } from "./record.ts"

/** Names of this user's playgrounds that are up or on their way. */
export async function livePlaygrounds(): Promise<string[]> {
  const directories = (await allDirectories()).filter((one) => makerOf(one) === undefined)
  const live = await Promise.all(directories.map(liveRecord))
  return directories.filter((_, index) => live[index]).map(({ name }) => name)
}

/** The playground that is meant when none is named: the only one that is up, or the one named so. */
export async function meantPlayground(name: string | undefined): Promise<string> {
  if (name !== undefined) return name
  const [only, ...others] = await livePlaygrounds()
  return only !== undefined && others.length === 0 ? only : "default"
}

/** Removes folders whose playground has gone without cleaning up; answers their names. */
export async function removeStale(): Promise<string[]> {
  const directories = await allDirectories()
  const held = await Promise.all(directories.map(isHeld))
  const stale = directories.filter((_, index) => !held[index])
  await Promise.all(stale.map(removeDirectory))
  return stale.filter((one) => makerOf(one) === undefined).map(({ name }) => name)
}

async function allDirectories(): Promise<SessionDirectory[]> {
  const names = await readdir(sessionsPath()).catch((): string[] => [])
  return names.toSorted().map(sessionDirectory)
}

async function isHeld(directory: SessionDirectory): Promise<boolean> {
  const maker = makerOf(directory)
  const holder = maker === undefined ? await liveRecord(directory) : await startTicks(maker)
  return holder !== undefined
}
