import type { Suite } from "../../fixture.ts"
import type { Wave } from "../waves.ts"
import { guilty } from "./packages.ts"

/** Something that has to come out of a demonstration. */
export interface Expectation {
  readonly text: string
  readonly isMet: boolean
}

/** What has to come out, looked at in the repository. */
export interface Expectations {
  readonly all: readonly Expectation[]
  /** When the wave has come to the broken package. */
  red(): Promise<void>
  /** When it is through. */
  done(waves: readonly Wave[]): Promise<void>
}

/** Looks at a suite whether all came out as it should. */
export function expectations({ forge, git }: Suite): Expectations {
  const all: Expectation[] = []
  const expect = (text: string, isMet: boolean): void => void all.push({ text, isMet })
  const released = (name: string): boolean => git("tag", "--list", `@nsm/${name}`) !== ""
  return {
    all,
    async red() {
      const [open, ...others] = await forge.proposals()
      const [issue, ...more] = await forge.issues()
      const verdict = open && (await forge.verdict(open.commit))
      expect("the client has been released with the new api", released("cmd-client@0.2.0"))
      const isServer = open?.branch === "update/cmd-server/sdk" && others.length === 0
      expect("the server's update is red, and is the only one open", isServer && verdict === "red")
      expect("nothing downstream of it has moved", !released("integration-demo@0.2.0"))
      const isAtApi = issue?.folder === "api" && more.length === 0
      expect("one issue is open, at api", isAtApi)
      expect(`it names the commit "${guilty}"`, issue?.text.includes(guilty) ?? false)
      const says = 'the server answers "icmp after 2 hop"'
      expect("it shows what failed", issue?.text.includes(says) ?? false)
    },
    async done(waves) {
      const [only, ...others] = waves
      expect(
        "the wave is done, the fix being part of it",
        only?.state === "done" && others.length === 0,
      )
      expect("the last package has been released", released("integration-demo@0.2.0"))
      const manifest = JSON.parse(git("show", "main:cmd-server/package.json")) as {
        dependencies: Record<string, string>
      }
      expect(
        "the server names the fix",
        manifest.dependencies["@nsm/api"]?.startsWith(">=0.2.1") ?? false,
      )
      expect("no update is open", (await forge.proposals()).length === 0)
      expect("the issue is settled", (await forge.issues()).length === 0)
    },
  }
}
