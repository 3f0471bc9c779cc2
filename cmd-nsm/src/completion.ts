import type { Command } from "commander"

/** Shells for which a completion script can be printed. */
export const shells = ["bash", "zsh", "fish"] as const

/** One of the shells. */
export type Shell = (typeof shells)[number]

/** A script that completes commands and options, made from the commands themselves. */
export function completion(shell: Shell, root: Command): string {
  return { bash, zsh, fish }[shell](root)
}

/** What may follow a chain of subcommands: further subcommands and options. */
function words(root: Command): (readonly [path: string, words: string])[] {
  const own = [
    ...root.commands.map((sub) => sub.name()),
    ...root.options.flatMap(({ short, long }) =>
      [short, long].filter((flag) => flag !== undefined),
    ),
    "--help",
  ].join(" ")
  const deeper = root.commands.flatMap((sub) =>
    words(sub).map(([path, list]) => [`${sub.name()} ${path}`.trim(), list] as const),
  )
  return [["", own], ...deeper]
}

function bash(root: Command): string {
  // The innermost first: what else was typed, such as names, stands behind the subcommands.
  const cases = words(root)
    .toReversed()
    .map(([path, list]) => {
      const pattern = path === "" ? "*" : `"${path}"|"${path} "*`
      return `    ${pattern}) words="${list}" ;;`
    })
  return [
    `_${root.name()}() {`,
    `  local word path="" words=""`,
    `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
    `    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac`,
    `  done`,
    `  case "$path" in`,
    ...cases,
    `  esac`,
    `  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
    `}`,
    `complete -o default -F _${root.name()} ${root.name()}`,
  ].join("\n")
}

function zsh(root: Command): string {
  return [
    `#compdef ${root.name()}`,
    "autoload -U +X bashcompinit && bashcompinit",
    bash(root),
  ].join("\n")
}

function fish(root: Command): string {
  const name = root.name()
  const quoted = (text: string): string => text.replaceAll("'", "\\'")
  const lines = root.commands.flatMap((sub) => [
    `complete -c ${name} -f -n __fish_use_subcommand -a ${sub.name()} -d '${quoted(sub.description())}'`,
    ...sub.options.map(({ short, long, description }) =>
      [
        `complete -c ${name} -n '__fish_seen_subcommand_from ${sub.name()}'`,
        short ? `-s ${short.slice(1)}` : "",
        long ? `-l ${long.slice(2)}` : "",
        `-d '${quoted(description)}'`,
      ].join(" "),
    ),
    ...sub.commands.map(
      (deep) =>
        `complete -c ${name} -f -n '__fish_seen_subcommand_from ${sub.name()}' -a ${deep.name()} -d '${quoted(deep.description())}'`,
    ),
  ])
  return lines.join("\n")
}
