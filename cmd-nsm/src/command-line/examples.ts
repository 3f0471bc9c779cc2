/** One line for each command that is not plain from its name, for its help and the reference. */
export const examples: Readonly<Record<string, string>> = {
  "nsm up": "nsm up -f lab.yaml",
  "nsm status": "nsm status -n lab --wait 30 -o wide",
  "nsm add node": "nsm add node node-3",
  "nsm add endpoint":
    "nsm add endpoint nse-2 --node node-3 --service web --cidr 10.1.0.0/24 --cidr fd00:1::/64",
  "nsm add client": "nsm add client nsc-3 --node node-1 --service 'kernel://web/nsm-1?color=blue'",
  "nsm remove": "nsm remove nsc-3 nse-2",
  "nsm restart": "nsm restart registry nsmgr-node-1 --force",
  "nsm kill": "nsm kill nse-1 --force",
  "nsm logs": "nsm logs forwarder-node-1",
  "nsm exec": "nsm exec nsc-1 ip -brief address",
  "nsm select": "nsm select web --from node-1 --label color=blue --without-node node-2 --explain",
  "nsm audit": "nsm audit -n lab -o json",
  "nsm path export": "nsm path export nsc-1/nsm-1 -o path.json",
  "nsm path verify": "nsm path verify path.json --bundle nsm.local=roots.pem",
  "nsm trust bundle export": "nsm trust bundle export > nsm.local.pem",
  "nsm trust join": "nsm trust join other.example.pem",
  "nsm trust leave": "nsm trust leave other.example",
  "nsm trust csr": "nsm trust csr > request.pem",
  "nsm trust sign": "nsm trust sign request.pem > intermediate.pem",
  "nsm policy test":
    "nsm policy test --policy 'etc/nsm/opa/common/.*.rego' --policy mine.tar.gz --record nsmgr.jsonl",
  "nsm completion": "nsm completion bash > ~/.local/share/bash-completion/completions/nsm",
}
