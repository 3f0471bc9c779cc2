// what passes files, for daemons that do nothing else with the kernel
export { descriptorSockets, type DescriptorSocketsOptions } from "./descriptor-sockets.ts"
export { receiveFiles, type ReceiveFilesOptions } from "../networkservice/receive-files.ts"
export { sendFiles, type SendFilesOptions } from "../networkservice/send-files.ts"
export { answerEndpointFiles } from "../registry/answer-endpoint-files.ts"
export { receiveEndpointFiles } from "../registry/receive-endpoint-files.ts"
export {
  sendEndpointFiles,
  type SendEndpointFilesOptions,
} from "../registry/send-endpoint-files.ts"
