import { workloadApi } from "@nsm/sdk"

// Says who it is, over and over, until it is killed.
const source = workloadApi({ url: process.env["SPIFFE_ENDPOINT_SOCKET"] ?? "" })
const say = (): void => {
  const { svid, bundles } = source.current
  const [leaf] = svid.certificates
  const fields = { id: svid.id, serial: leaf.serialNumber, domains: [...bundles.keys()] }
  process.stdout.write(`${JSON.stringify({ level: "info", msg: "identity", ...fields })}\n`)
}
source.onChange(say)
