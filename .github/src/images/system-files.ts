import { readFile, realpath } from "node:fs/promises"
import { basename } from "node:path"
import { parseEnv } from "node:util"
import { run } from "../pipeline/command.ts"
import { type Component, digestOf } from "./component.ts"

/** A file of the machine on which images are built, with what is known of it. */
export interface SystemFile {
  readonly path: string
  readonly component: Component
  /** Its licence, where Debian keeps that. */
  readonly copyright?: string
}

/** The libraries that a program is linked with, the loader included, as the loader finds them. */
export async function librariesOf(program: string): Promise<readonly string[]> {
  const { text } = await run("ldd", [program], { reasonOf: () => "IMAGE_FAILED" })
  return [...text.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path).toSorted()
}

/** What the machine knows of a file: the Debian package that it is from. */
export async function systemFile(path: string): Promise<SystemFile> {
  const digest = await digestOf(path)
  const name = await packageOf(path)
  if (name === undefined) {
    return { path, component: { type: "file", name: basename(path), digest } }
  }
  const [version = "", architecture = ""] =
    (await dpkg(["-W", "-f", fields, name]))?.split(" ") ?? []
  const [bare = ""] = name.split(":")
  const release = parseEnv(await readFile("/etc/os-release", "utf8"))
  const distro = `${release["ID"]}-${release["VERSION_ID"]}`
  const purl = `pkg:deb/${release["ID"]}/${bare}@${version}?arch=${architecture}&distro=${distro}`
  const component = {
    type: "library",
    name: bare,
    version,
    description: path,
    purl,
    digest,
  } as const
  return { path, component, copyright: `/usr/share/doc/${bare}/copyright` }
}

const fields = "${Version} ${Architecture}"

/** Where /lib is a link to /usr/lib, packages may say either. */
async function packageOf(path: string): Promise<string | undefined> {
  const found = await dpkg(["-S", path, await realpath(path)])
  return /^(\S+): \//m.exec(found ?? "")?.[1]
}

/**
 * Nothing where the machine is none of Debian's. dpkg-query answers with 1 when it knows one of two paths
 * only.
 */
async function dpkg(args: readonly string[]): Promise<string | undefined> {
  const asked = run("dpkg-query", args, { answers: [0, 1], reasonOf: () => "IMAGE_FAILED" })
  const answer = await asked.catch(() => undefined)
  return answer?.text
}
