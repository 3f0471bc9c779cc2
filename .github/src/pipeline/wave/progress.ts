import type { Findings } from "../forge/findings.ts"
import type { Issue } from "../forge/issue.ts"

/** The steps of a wave, in the order in which they run. */
export type StepName = "release" | "propagate" | "check" | "chase" | "merge"

/** What a wave tells while it runs. */
export type Progress =
  | { readonly kind: "step"; readonly step: StepName }
  | { readonly kind: "released"; readonly name: string; readonly version: string }
  | { readonly kind: "opened"; readonly branch: string; readonly title: string }
  | { readonly kind: "withdrawn"; readonly branch: string; readonly why: string }
  | { readonly kind: "checking"; readonly branch: string }
  | { readonly kind: "checked"; readonly branch: string; readonly findings: Findings }
  | { readonly kind: "reported"; readonly issue: Issue }
  | { readonly kind: "settled"; readonly issue: Issue }
  | { readonly kind: "merged"; readonly branch: string }
  | { readonly kind: "rebuilt"; readonly branch: string; readonly why: string }
  | { readonly kind: "again"; readonly why: string }
