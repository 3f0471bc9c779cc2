export { FakeClock } from "./fake-clock.ts"
export { assertPrinted, type PrintedText } from "./document.ts"
export { DaemonProcess, type DaemonProcessOptions, type LogLine } from "./daemon-process.ts"
export { temporaryFolder, type TemporaryFolder } from "./temporary-folder.ts"
