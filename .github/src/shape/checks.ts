import { anatomy } from "./anatomy.ts"
import type { Check } from "./check.ts"
import { command } from "./command.ts"
import { declaredImports } from "./dependencies.ts"
import { layers, packageDirections } from "./directions.ts"
import { image } from "./image.ts"
import { manifest } from "./manifest.ts"
import { sourceFiles } from "./sources.ts"
import { tsconfig } from "./tsconfig.ts"
import { workflow } from "./workflows.ts"

/** All that holds for every package. */
export const checks: readonly Check[] = [
  anatomy,
  manifest,
  tsconfig,
  sourceFiles,
  command,
  image,
  packageDirections,
  layers,
  declaredImports,
  workflow,
]
