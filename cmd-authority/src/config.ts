import { isTrustDomain, parseAddress } from "@nsm/sdk"
import {
  duration,
  type Kind,
  listenUrl,
  name,
  processSettings,
  type Settings,
  text,
} from "@nsm/sdk/daemon"

/** Who calls over TCP, no kernel can tell. */
const socketUrl: Kind<string> = {
  form: "the URL of a unix socket such as unix:///run/authority.sock",
  parse(value) {
    if (parseAddress(listenUrl.parse(value)).kind !== "unix") throw new RangeError()
    return value
  },
}

const trustDomain: Kind<string> = {
  form: 'a name of lower-case letters, digits, ".", "-" and "_"',
  parse(value) {
    if (!isTrustDomain(value)) throw new RangeError()
    return value
  },
}

/** A certificate counts whole seconds, and at half of its life it is renewed. */
const lifetime: Kind<number> = {
  form: `${duration.form}, at least 2s`,
  parse(value) {
    const ms = duration.parse(value)
    if (ms < 2000) throw new RangeError()
    return ms
  },
}

/** The settings of the authority. */
export const settings = {
  ...processSettings({ name: "authority" }),
  listenOn: {
    env: "NSM_LISTEN_ON",
    kind: socketUrl,
    default: "unix:///var/lib/networkservicemesh/authority.sock",
    description: "Where the Workload API is served; every process of the machine may call",
  },
  trustDomain: {
    env: "NSM_TRUST_DOMAIN",
    kind: trustDomain,
    default: "nsm.local",
    description: "Trust domain whose identities are given out here",
  },
  svidLifetimeMs: {
    env: "NSM_SVID_LIFETIME",
    kind: lifetime,
    default: "1h",
    description: "How long an identity holds; it is renewed at half of that",
  },
  rootLifetimeMs: {
    env: "NSM_ROOT_LIFETIME",
    kind: lifetime,
    default: "8760h",
    description: "How long a root holds; its successor is published at half of that",
  },
  stateDirectory: {
    env: "NSM_STATE_DIRECTORY",
    kind: name,
    default: "/var/lib/networkservicemesh/authority",
    description: "Folder of the keys, which nobody else may enter",
  },
  entriesFile: {
    env: "NSM_ENTRIES_FILE",
    kind: text,
    default: "",
    description:
      "YAML that says which processes get which ids; it is followed, and may be missing; empty is `entries.yaml` in the folder of the keys",
  },
  trustDirectory: {
    env: "NSM_TRUST_DIRECTORY",
    kind: text,
    default: "",
    description:
      "Folder of the roots of joined trust domains, `<trust domain>.pem` or `.json`; it is followed, and may be missing; empty is `trust.d` in the folder of the keys",
  },
} as const satisfies Settings
