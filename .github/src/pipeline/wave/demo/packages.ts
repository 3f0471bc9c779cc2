import { type Files, manifestOf, type Packages } from "../../fixture.ts"

const range = ">=0.1.0 <1.0.0"

/** A miniature of the suite: what is built on what. */
export const packages: Packages = {
  api: {},
  sdk: { api: range },
  "cmd-client": { api: range, sdk: range },
  "cmd-server": { api: range, sdk: range },
  "integration-demo": { "cmd-client": range, "cmd-server": range },
}

/** The code of the miniature: each package has a module and a test of it. */
export const sources: Files = {
  ...code("api", {
    "index.js": apiCode({ firstHop: 0 }),
    "test.js": `import { request } from "./index.js"
if (request("icmp").service !== "icmp") throw new Error("a request names no service")
`,
  }),
  ...code("sdk", {
    "index.js": `import { request } from "@nsm/api"
export const forward = (one) => ({ ...one, hops: one.hops + 1 })
export const send = (service) => forward(request(service))
`,
    "test.js": `import { send } from "./index.js"
if (send("icmp").service !== "icmp") throw new Error("a request is lost on the way")
`,
  }),
  ...code("cmd-client", {
    "index.js": `import { send } from "@nsm/sdk"
export const ask = () => send("icmp")
`,
    "test.js": `import { ask } from "./index.js"
if (ask().service !== "icmp") throw new Error("the client asks for something else")
`,
  }),
  ...code("cmd-server", {
    "index.js": `export const answer = ({ service, hops }) => \`\${service} after \${hops} hop\`
`,
    "test.js": `import { send } from "@nsm/sdk"
import { answer } from "./index.js"
const said = answer(send("icmp"))
if (said !== "icmp after 1 hop") throw new Error(\`the server answers "\${said}"\`)
`,
  }),
  ...code("integration-demo", {
    "test.js": `import { ask } from "@nsm/cmd-client"; import { answer } from "@nsm/cmd-server"
const said = answer(ask())
if (said !== "icmp after 1 hop") throw new Error(\`together they say "\${said}"\`)
`,
  }),
}

/** What the commit says that breaks the server. */
export const guilty = "Count hops from one"

/** The module of api, with where it begins to count. */
export function apiCode({ firstHop, more = "" }: { firstHop: number; more?: string }): string {
  return `export const request = (service) => ({ service, hops: ${firstHop} })\n${more}`
}

function code(folder: string, files: Files): Files {
  const manifest = {
    ...manifestOf(folder, packages[folder] ?? {}),
    exports: "./index.js",
    scripts: { test: "node test.js" },
  }
  const all = { "package.json": `${JSON.stringify(manifest, undefined, 2)}\n`, ...files }
  return Object.fromEntries(Object.entries(all).map(([file, text]) => [`${folder}/${file}`, text]))
}
