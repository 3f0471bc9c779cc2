import { type Check, when } from "./check.ts"
import { read } from "./files.ts"
import { isCommand } from "./kinds.ts"

const mocharc = `export { default } from "@nsm/dot-github/config/mocharc.json" with { type: "json" }`

/** The files around the sources are there and say what they have to. */
export const anatomy: Check = {
  title: "has the files that every package has",
  faults: ({ folder, path, manifest }) => [
    ...readmeFaults(read(path, "README.md"), [folder, manifest.name], isCommand(folder)),
    ...when(
      read(path, "CHANGELOG.md")?.startsWith(`# ${manifest.name}\n`) !== true,
      `CHANGELOG.md: begin it with "# ${manifest.name}", changesets writes the rest`,
    ),
    ...when(
      read(path, "LICENSE")?.includes("Apache License") !== true,
      "LICENSE: copy the one of the root",
    ),
    ...when(
      read(path, ".mocharc.mjs")?.includes(mocharc) !== true,
      `.mocharc.mjs: re-export the shared settings: ${mocharc}`,
    ),
  ],
}

/** Sections of a README in their order; others may stand between them. */
function readmeFaults(
  text: string | undefined,
  titles: readonly string[],
  isConfigured: boolean,
): readonly string[] {
  if (text === undefined) return ["README.md: missing"]
  const wanted = ["Use", "Contents", ...(isConfigured ? ["Configuration"] : []), "Test", "Release"]
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading)
  const found = headings.filter((heading) => wanted.includes(heading))
  const [title = "", , sentence = ""] = text.split("\n")
  return [
    ...when(!titles.includes(title.replace("# ", "")), `README.md: call it "# ${titles.at(-1)}"`),
    ...when(!/^\w.*\S/.test(sentence), "README.md: say in the third line what the package is"),
    ...when(
      found.join() !== wanted.join(),
      `README.md: has the sections ${found.join(", ") || "none"}; wanted, in this order: ${wanted.join(", ")}`,
    ),
  ]
}
