/** What a changelog says about one version, without its heading. */
export function changelogOf(text: string, version: string): string {
  const sections = text.split(/^## /m).slice(1)
  const section = sections.find((one) => one.split("\n")[0]?.trim() === version) ?? ""
  return section.split("\n").slice(1).join("\n").trim()
}
