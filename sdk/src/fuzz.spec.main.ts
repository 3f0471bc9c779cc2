import { spawnSync } from "node:child_process"

// `npm run fuzz -- 60`: the tests that feed anything to what reads tokens, paths, certificates and
// errors from the wire ("survives …"), with each property tried for so many seconds, not a hundred times.

const [seconds = "60"] = process.argv.slice(2)
if (!(Number(seconds) > 0)) throw new Error(`"${seconds}" is no number of seconds above 0`)

const options = ["--require", "./src/fuzz.spec.setup.ts", "--timeout", "0", "--grep", "survive"]
const { status } = spawnSync("mocha", options, {
  stdio: "inherit",
  env: { ...process.env, NSM_FUZZ_SECONDS: seconds },
})
process.exitCode = status ?? 1
