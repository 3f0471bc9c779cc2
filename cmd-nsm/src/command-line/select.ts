import { type Command, InvalidArgumentError } from "commander"
import { selectEndpoint } from "../commands/select.ts"
import type { EndpointLabel, WhatIf } from "../commands/what-if.ts"
import { meantPlayground } from "../session/playgrounds.ts"
import type { Format } from "../view/output.ts"
import { labels, output, several, subcommand, whichPlayground } from "./options.ts"

interface SelectOptions extends Partial<WhatIf> {
  readonly from?: string
  readonly label?: Readonly<Record<string, string>>
  readonly explain?: true
  readonly name?: string
  readonly output: Format
}

/** The command about who gets which endpoint. */
export function selectCommand(root: Command): void {
  subcommand(root, "select", "show which endpoints a client would be asked for, and why; asks none")
    .argument("<service>", "the network service that the client asks for")
    .option("--from <node>", "the client's node (default: the first one)")
    .option("--label <key=value>", "a label of the client; may be repeated", labels)
    .option("--explain", "say of every rule and every endpoint why")
    .option("--without-endpoint <endpoint>", "what if it were not there; may be repeated", several)
    .option("--without-node <node>", "what if it had no endpoints; may be repeated", several)
    .option(
      "--with-label <endpoint:key=value>",
      "what if the endpoint had this label; may be repeated",
      endpointLabels,
    )
    .addOption(whichPlayground())
    .addOption(output())
    .action(async (service: string, options: SelectOptions) => {
      const { from, label = {}, explain = false, name, output: format } = options
      const { withoutEndpoint = [], withoutNode = [], withLabel = [] } = options
      await selectEndpoint(await meantPlayground(name), {
        ...{ service, from, labels: label, whatIf: { withoutEndpoint, withoutNode, withLabel } },
        ...{ isExplained: explain, format },
      })
    })
}

/** Collects labels of endpoints, `endpoint:key=value` each. */
function endpointLabels(
  text: string,
  earlier: readonly EndpointLabel[] = [],
): readonly EndpointLabel[] {
  const [, endpoint, key, value] = /^([^:]+):([^=]+)=(.*)$/.exec(text) ?? []
  if (endpoint === undefined || key === undefined || value === undefined) {
    throw new InvalidArgumentError("Write it as endpoint:key=value.")
  }
  return [...earlier, { endpoint, key, value }]
}
