import { suite, type Suite } from "../../fixture.ts"
import { timelineText } from "../timeline-text.ts"
import { timelineOf } from "../timeline.ts"
import type { Progress } from "../progress.ts"
import { wave } from "../wave.ts"
import type { Wave } from "../waves.ts"
import { expectations, type Expectation } from "./expectations.ts"
import { apiCode, guilty, packages, sources } from "./packages.ts"

/** What a demonstration is given. */
export interface DemoOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (event: Progress) => void
  /** Tells what comes next, and shows what came of it. */
  readonly say?: (text: string) => void
}

/** What came of a demonstration. */
export interface Demo {
  readonly expectations: readonly Expectation[]
  readonly waves: readonly Wave[]
}

/**
 * Plays a wave through a made-up suite in a bare repository: a release of api is red at one package,
 * is chased back, and goes on with a fix. Nothing of it stays.
 */
export async function demo({ say = () => {}, ...options }: DemoOptions = {}): Promise<Demo> {
  using one = suite(packages, sources)
  const { forge } = one
  say(`A made-up suite: api ← sdk ← cmd-client, cmd-server ← integration-demo.
api is released with three changes. One of them breaks the server, and nobody has noticed.\n`)
  breakApi(one)
  await wave({ ...options, forge })
  const expect = expectations(one)
  await expect.red()
  for (const { title, folder, text } of await forge.issues()) {
    say(`\nThe issue at ${folder}: ${title}\n\n${indented(text)}`)
  }
  say("\nThe fix is released; nobody does anything else.\n")
  fixApi(one)
  const waves = await wave({ ...options, forge })
  await expect.done(waves)
  for (const each of waves) say(`\n${timelineText(timelineOf(each))}`)
  return { expectations: expect.all, waves }
}

const label = "export const labelled = (one, labels) => ({ ...one, labels })\n"
const about = "export const about = ({ service }) => `a request for ${service}`\n"

function breakApi(one: Suite): void {
  const commit = (text: string, message: string): string =>
    one.commit({ "api/index.js": text }, "main", [], message)
  commit(apiCode({ firstHop: 0, more: label }), "Let requests have labels")
  commit(apiCode({ firstHop: 1, more: label }), guilty)
  commit(apiCode({ firstHop: 1, more: `${label}${about}` }), "Say in words what a request is about")
  one.change("api", "minor", "Requests have labels, and can be said in words.")
}

function fixApi(one: Suite): void {
  const files = { "api/index.js": apiCode({ firstHop: 0, more: `${label}${about}` }) }
  one.commit(files, "main", [], "Count hops from nought again")
  one.change("api", "patch", "Hops are counted from nought again.")
}

const indented = (text: string): string => text.replaceAll(/^/gm, "  │ ")
