import { spawn } from "node:child_process"
import { LabProcess, nullForwarderFile, programFile } from "@nsm/integration-netns"
import type { Member, MemberOptions } from "./member.ts"
import { processorMsOf } from "./process-figures.ts"

/** What our programs are started as; the forwarder is the kernel's without its data plane. */
export type OwnRole = "registry" | "nsmgr" | "forwarder" | "nse"

/** Starts one of our programs; resolves once it is ready. */
export async function startOwn(
  role: OwnRole,
  { name, url, settings, directory }: MemberOptions,
): Promise<Member> {
  const process = new LabProcess({
    name,
    file: fileOf(role),
    place: { spawn },
    settings,
    directory,
  })
  try {
    await process.ready()
  } catch (failure) {
    process.kill("SIGKILL")
    throw failure
  }
  return {
    ...{ name, url, side: "ours" },
    get residentBytes() {
      return process.residentBytes
    },
    get processorMs() {
      return processorMsOf(process.pid)
    },
    get log() {
      return process.log
    },
    async kill() {
      process.kill("SIGKILL")
      await process.exited()
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  }
}

function fileOf(role: OwnRole): string {
  switch (role) {
    case "registry":
      return programFile("cmd-registry-memory")
    case "nsmgr":
      return programFile("cmd-nsmgr")
    case "forwarder":
      return nullForwarderFile
    case "nse":
      return programFile("cmd-nse-icmp-responder")
  }
}
