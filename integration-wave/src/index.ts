export { suiteWave } from "./suite-wave.ts"
