/**
 * Programs that run in a simulated namespace: ping, traceroute, small TCP and UDP peers, each with the options and the words
 * of the real tool, and the parser of their command lines. May import: wire, model, dataplane, linux.
 *
 * @packageDocumentation
 */

export { addressText, familyOfAddress } from './address.ts'
export { Arping, type ArpingOptions } from './arping.ts'
export { type ProgramCommand, parseProgram, type ServerSpec } from './command-line.ts'
export { Inject } from './inject.ts'
export { letteredAnswer } from './lettered.ts'
export { Ping } from './ping.ts'
export type { PingOptions } from './ping-options.ts'
export { Process } from './process.ts'
export {
  describeRange,
  type OutOfRange,
  outOfRange,
  PING_RANGES,
  PORT,
  type Range,
  TRACEROUTE_RANGES,
  TRANSFER_RANGES,
} from './ranges.ts'
export { RawSend, type RawSendOptions, RawServer } from './raw-send.ts'
export { TcpConnect, type TcpConnectOptions } from './tcp-connect.ts'
export { TcpEcho, TcpHold, type TcpHoldOptions } from './tcp-hold.ts'
export { TcpServer, type TcpServerOptions } from './tcp-server.ts'
export { Tracepath, type TracepathOptions } from './tracepath.ts'
export { Traceroute } from './traceroute.ts'
export type { TracerouteMethod, TracerouteOptions } from './traceroute-options.ts'
export { type UdpEchoOptions, UdpEchoServer } from './udp-echo.ts'
export { UdpSend, type UdpSendOptions } from './udp-send.ts'
