import { type Command, Option } from "commander"
import { points, testPolicies, type PolicyTest } from "../commands/policy-test.ts"
import { output, several, subcommand } from "./options.ts"

/** Commands about who may do what. */
export function policyCommands(root: Command): void {
  const policy = subcommand(root, "policy", "try out who may do what")
  subcommand(policy, "test", "replay what policies were asked, and show which answers change")
    .requiredOption(
      "--policy <policy>",
      "a policy as in NSM_SERVER_POLICIES: mask, path of a .wasm or .tar.gz, or URL; may be repeated, all have to allow",
      several,
    )
    .requiredOption(
      "--record <file>",
      "what a process has written to NSM_POLICY_RECORD; may be repeated",
      several,
    )
    .addOption(new Option("--point <point>", "replay only what was asked there").choices(points))
    .addOption(output())
    .action(async (options: PolicyTest) => {
      process.exitCode = await testPolicies(options)
    })
}
