import { join } from "node:path"
import { type Command, InvalidArgumentError, Option } from "commander"
import { duration } from "@nsm/sdk/daemon"
import {
  exportBundle,
  joinDomain,
  leaveDomain,
  requestCertificate,
  showBundles,
  signRequest,
} from "../commands/trust.ts"
import { sessionDirectory } from "../session/directory.ts"
import { type Format, print } from "../view/output.ts"
import { output, playgroundName, subcommand } from "./options.ts"

interface WhichAuthority {
  readonly state: string
  readonly name?: string
}

/** Commands about whom the processes of a machine believe. */
export function trustCommands(root: Command): void {
  const trust = subcommand(root, "trust", "say whom the processes of this machine believe")
  const bundle = subcommand(trust, "bundle", "the roots that an authority has everyone believe")

  ofAuthority(subcommand(bundle, "show", "show its own roots, and those of joined trust domains"))
    .addOption(output())
    .action(async (options: WhichAuthority & { output: Format }) =>
      print(await showBundles(stateOf(options), options.output)),
    )

  ofAuthority(subcommand(bundle, "export", "print its own roots, for others to join"))
    .addOption(
      new Option("--format <format>", "how to write them")
        .choices(["pem", "spiffe"])
        .default("pem"),
    )
    .action(async (options: WhichAuthority & { format: "pem" | "spiffe" }) =>
      print(await exportBundle(stateOf(options), options.format)),
    )

  ofAuthority(subcommand(trust, "join", "believe the processes of another trust domain, too"))
    .argument("<bundle>", "file with the other's roots, PEM or SPIFFE's JSON; - for standard input")
    .option("--domain <trust-domain>", "whose roots they are (default: as they say)")
    .action(async (file: string, options: WhichAuthority & { domain?: string }) =>
      print(await joinDomain(stateOf(options), { file, domain: options.domain })),
    )

  ofAuthority(subcommand(trust, "leave", "believe the processes of another trust domain no more"))
    .argument("<trust-domain>", "which one")
    .action(async (trustDomain: string, options: WhichAuthority) =>
      print(await leaveDomain(stateOf(options), trustDomain)),
    )

  ofAuthority(subcommand(trust, "csr", "print a request to the root that authorities share"))
    .option("--domain <trust-domain>", "for which trust domain (default: the authority's)")
    .action(async (options: WhichAuthority & { domain?: string }) =>
      print(await requestCertificate(stateOf(options), { domain: options.domain })),
    )

  ofAuthority(subcommand(trust, "sign", "sign such a request, with the root that is shared"))
    .argument("<request>", "file that nsm trust csr printed; - for standard input")
    .addOption(
      new Option("--lifetime <duration>", "how long the certificate holds")
        .argParser(lifetime)
        .default(90 * 24 * 3_600_000, "2160h"),
    )
    .action(async (file: string, options: WhichAuthority & { lifetime: number }) =>
      print(await signRequest(stateOf(options), { file, lifetimeMs: options.lifetime })),
    )
}

function ofAuthority(command: Command): Command {
  return command
    .addOption(
      new Option("--state <folder>", "folder of the authority's keys").default(
        "/var/lib/networkservicemesh/authority",
      ),
    )
    .addOption(
      new Option("-n, --name <playground>", "the authority of a playground instead").argParser(
        playgroundName,
      ),
    )
}

function stateOf({ state, name }: WhichAuthority): string {
  return name === undefined ? state : join(sessionDirectory(name).path, "authority")
}

function lifetime(text: string): number {
  try {
    const ms = duration.parse(text)
    if (ms >= 1000) return ms
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError(`Give ${duration.form}, at least 1s.`)
}
