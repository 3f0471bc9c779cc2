import { type Command, InvalidArgumentError } from "commander"
import { type BundleFile, exportPath, verifyPath } from "../commands/path.ts"
import { meantPlayground } from "../session/playgrounds.ts"
import type { Format } from "../view/output.ts"
import { output, subcommand, whichPlayground } from "./options.ts"

interface ExportOptions {
  readonly name?: string
  readonly output?: string
}

interface VerifyOptions {
  readonly bundle?: readonly BundleFile[]
  readonly output: Format
}

/** Commands about which hops a wire passes. */
export function pathCommands(root: Command): void {
  const path = subcommand(root, "path", "take down which hops a wire passes, and prove it")

  subcommand(path, "export", "take down which hops a wire passes, with what proves it")
    .argument("<wire>", "client/interface, as nsm status shows it, or the id")
    .option("-o, --output <file>", "where to write it (default: standard output)")
    .addOption(whichPlayground())
    .action(async (wire: string, { name, output: file }: ExportOptions) =>
      exportPath(await meantPlayground(name), { wire, file }),
    )

  subcommand(path, "verify", "prove, without a network, which hops a wire passed")
    .argument("<file>", "what nsm path export wrote, - for standard input")
    .option("--bundle <domain=file>", "the roots of a trust domain; may be repeated", bundles)
    .addOption(output())
    .action((file: string, { bundle = [], output: format }: VerifyOptions) =>
      verifyPath(file, { bundles: bundle, format }),
    )
}

/** Collects where roots are, `trust-domain=file` each. */
function bundles(text: string, earlier: readonly BundleFile[] = []): readonly BundleFile[] {
  const [, trustDomain, file] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (trustDomain !== undefined && file !== undefined) return [...earlier, { trustDomain, file }]
  throw new InvalidArgumentError("Write it as trust-domain=file.")
}
