import fc from "fast-check"

// Read by mocha before the specs: how long each property is tried.
const seconds = Number(process.env["NSM_FUZZ_SECONDS"])
if (!(seconds > 0)) throw new Error("NSM_FUZZ_SECONDS is no number above 0: use npm run fuzz")
fc.configureGlobal({
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: seconds * 1000,
})
