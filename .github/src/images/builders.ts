import { version as esbuild } from "esbuild"
import { run } from "../pipeline/command.ts"

/** The programs that take part in building an image, with their versions. */
export async function builders(): Promise<Readonly<Record<string, string>>> {
  const strip = await versionOf("strip")
  return {
    node: process.versions.node,
    esbuild,
    podman: (await versionOf("podman")) ?? "",
    ...(strip !== undefined && { strip }),
  }
}

async function versionOf(command: string): Promise<string | undefined> {
  const asked = run(command, ["--version"], { reasonOf: () => "IMAGE_FAILED" })
  const { text } = await asked.catch(() => ({ text: "" }))
  return /(\d+\.\d\S*)$/m.exec(text)?.[1]
}
