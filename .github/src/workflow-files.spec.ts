import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { inSuite } from "./in-suite.ts"
import { program } from "./pipeline/command-line/program.ts"
import { readWorkflows } from "./read-workflows.ts"
import { bare, read, sources } from "./shape/files.ts"
import { callerFile, generatedWorkflows } from "./workflow-files.ts"
import { readWorkspaces } from "./workspaces.ts"

inSuite("the workflows", (root) => {
  const workspaces = readWorkspaces(root)
  const { texts, workflows, jobs, runs } = readWorkflows(root)
  const action = readFileSync(join(root, ".github/actions/set-up/action.yaml"), "utf8")

  for (const [file, text] of generatedWorkflows(workspaces)) {
    it(`${basename(file)} is up to date`, () => {
      const found = readFileSync(join(root, file), "utf8")
      assert.equal(found, text, "run `node .github/src/workflow-files.ts`")
    })
  }

  it("run on every change where the checkout is tested, and else where the package is touched", () => {
    for (const one of workspaces) {
      const texts = sources(one.path).map((file) => bare(read(one.path, file) ?? ""))
      const isOfAll = texts.some((text) => /^\s*inSuite\(|= suiteCheckout\(/m.test(text))
      const { on } = workflows.get(basename(callerFile(one))) ?? {}
      for (const event of ["push", "pull_request"]) {
        assert.ok(on && Object.hasOwn(on, event), one.folder)
        const paths = on[event]?.paths
        const has = isOfAll ? paths === undefined : paths?.includes(`${one.folder}/**`)
        assert.ok(has, `${one.folder}: ${event} has the paths ${paths?.join()}`)
      }
    }
  })

  it("have least rights: none at the top but reading, and for writing only what a job names", () => {
    for (const [file, { permissions, on, jobs }] of workflows) {
      const isCalled = Object.hasOwn(on, "workflow_call")
      const rights = JSON.stringify(permissions)
      const least = ["{}", '{"contents":"read"}', ...(isCalled ? [undefined] : [])]
      assert.ok(least.includes(rights), `${file}: permissions: ${rights}`)
      if (rights !== "{}") continue
      for (const [name, job] of Object.entries(jobs)) assert.ok(job.permissions, `${file}: ${name}`)
    }
  })

  it("may read checks and statuses or neither, as GitHub answers with both at once", () => {
    for (const { where, job } of jobs) {
      const { checks, statuses } = job.permissions ?? {}
      assert.equal(checks, statuses, where)
    }
  })

  it("end in time, and do not race with themselves", () => {
    for (const { where, job } of jobs) {
      assert.ok(job.uses ?? job["timeout-minutes"], `${where}: has no timeout-minutes`)
    }
    for (const [file, { on, concurrency }] of workflows) {
      const isCalled = Object.hasOwn(on, "workflow_call")
      assert.ok(isCalled || concurrency, `${file}: has no concurrency`)
    }
  })

  it("use actions at a commit, with its version beside it, and without keeping a token", () => {
    for (const [file, text] of [...texts, ["action.yaml", action] as const]) {
      for (const [line, used = ""] of text.matchAll(/\buses: (\S+).*/g)) {
        const isOwn = used.startsWith("./") && existsSync(join(root, used))
        const isPinned = /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)
        assert.ok(isOwn || isPinned, `${file}: ${line}`)
      }
      const checkouts = text.match(/actions\/checkout@/g)?.length
      assert.equal(text.match(/persist-credentials: false/g)?.length, checkouts, file)
    }
  })

  it("run nothing that a branch or a title could bring with its name", () => {
    for (const { where, line } of runs) assert.doesNotMatch(line, /\$\{\{/, where)
    for (const [file, { on }] of workflows) {
      assert.ok(!Object.hasOwn(on, "pull_request_target"), file)
    }
  })

  it("give a token only to steps that need one: what npm installs may run scripts", () => {
    const isGiven = (env: object = {}) => /token|secrets/.test(JSON.stringify(Object.values(env)))
    for (const { where, job } of jobs) {
      assert.ok(!isGiven(job.env), where)
      for (const { run = "", env } of job.steps ?? []) {
        assert.equal(
          isGiven(env),
          /\bgh |-- \$\{\{ inputs\.step \}\}$/.test(run),
          `${where}: ${run}`,
        )
      }
    }
  })

  it("give root by name what it needs, as not every sudo keeps the whole environment", () => {
    for (const { where, job } of jobs) {
      for (const { run = "", env } of job.steps ?? []) {
        if (!/\bsudo\b/.test(run)) continue
        const names = Object.keys({ ...job.env, ...env }).join(",")
        const kept = names === "" ? "" : `--preserve-env=${names} `
        const begin = `sudo ${kept}env "PATH=$PATH" "HOME=$HOME" `
        assert.equal(run.slice(0, begin.length), begin, where)
      }
    }
  })

  it("call the pipeline as its command line is", () => {
    const { signal } = new AbortController()
    const { commands } = program({ root, signal, print: () => {} })
    const calls = runs.flatMap(({ where, line }) => {
      const [, words] = /npm run pipeline -- (.*)/.exec(line) ?? []
      return words === undefined ? [] : [{ where, words: words.split(" ") }]
    })
    const names = new Set(calls.map(({ words: [name] }) => name))
    for (const name of ["release", "propagate", "check", "merge", "chase", "alone"]) {
      assert.ok(names.has(name), `nothing runs ${name}`)
    }
    for (const { where, words } of calls) {
      const [name = "", ...rest] = words
      const command = commands.find((one) => one.name() === name)
      assert.ok(command, `${where}: there is no command ${name}`)
      const { operands, unknown } = command.parseOptions(rest)
      assert.deepEqual(unknown, [], `${where}: ${name}`)
      assert.equal(operands.length, command.registeredArguments.length, `${where}: ${name}`)
    }
  })

  it("check each package in its workspace and alone", () => {
    const folders = runs.flatMap(({ line }) => /pipeline -- alone (\S+)/.exec(line)?.[1] ?? [])
    const tested = runs.flatMap(({ line, place }) => (line.endsWith(" npm test") ? [place] : []))
    const all = workspaces.map(({ folder }) => folder).toSorted()
    assert.deepEqual([folders.toSorted(), tested.toSorted()], [all, all])
  })

  it("call scripts and programs that there are", () => {
    for (const { where, line, place } of runs) {
      const [, script] = /\bnpm (?:run )?((?<=run )\S+|test\b)/.exec(line) ?? []
      const [, program] = /(?:^| )(\.\S+\/\S+)/.exec(line) ?? []
      if (script !== undefined) {
        const manifest = readFileSync(join(root, place, "package.json"), "utf8")
        const { scripts } = JSON.parse(manifest) as { scripts: object }
        assert.ok(Object.hasOwn(scripts, script), `${where}: ${line}`)
      }
      if (program !== undefined) assert.ok(existsSync(join(root, program)), `${where}: ${line}`)
    }
  })

  it("start and follow workflows that there are", () => {
    const names = [...workflows.values()].map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const [file, { on }] of workflows) {
      for (const name of on["workflow_run"]?.workflows ?? []) {
        assert.ok(names.includes(name), `${file}: follows ${name}`)
      }
    }
    for (const { where, line } of runs) {
      const [, file] = /gh workflow run (\S+)/.exec(line) ?? []
      if (file === undefined) continue
      assert.ok(Object.hasOwn(workflows.get(file)?.on ?? {}, "workflow_dispatch"), where)
    }
  })
})
