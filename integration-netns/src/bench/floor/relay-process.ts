import { Client, credentials, type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js"
import {
  type Connection,
  grpcMethod,
  type NetworkServiceRequest,
  NetworkServiceService,
} from "@nsm/api"

// A hop of the floor: what a hop costs when it does nothing but decode, hand on and encode.
// Arguments: the socket on which it serves, and the one of the next hop; the last hop answers itself.

const [listenOn = "", next] = process.argv.slice(2)
const method = grpcMethod(NetworkServiceService.method.request)

const answerItself: handleUnaryCall<NetworkServiceRequest, Connection> = ({ request }, answer) =>
  answer(null, request.connection)

function handOn(target: string): handleUnaryCall<NetworkServiceRequest, Connection> {
  const client = new Client(target, credentials.createInsecure())
  const { path, requestSerialize, responseDeserialize } = method
  return ({ request }, answer) =>
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, answer)
}

const server = new Server()
server.addService(
  { request: method },
  { request: next === undefined ? answerItself : handOn(next) },
)
server.bindAsync(listenOn, ServerCredentials.createInsecure(), (failure) => {
  if (failure) throw failure
  process.stdout.write("ready\n")
})
