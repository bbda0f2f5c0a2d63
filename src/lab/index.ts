/**
 * The front desk: build a network, run programs in it, change it, run again, step back. Programs speak the words of the real
 * tools. May import: every room but cli.
 *
 * @packageDocumentation
 */

export { Ping } from './apps/ping.ts'
export type { PingOptions } from './apps/ping-options.ts'
export { Process } from './apps/process.ts'
export { TcpConnect, type TcpConnectOptions } from './apps/tcp-connect.ts'
export { TcpServer, type TcpServerOptions } from './apps/tcp-server.ts'
export { Traceroute } from './apps/traceroute.ts'
export type { TracerouteMethod, TracerouteOptions } from './apps/traceroute-options.ts'
export { UdpEchoServer } from './apps/udp-echo.ts'
export { UdpSend, type UdpSendOptions } from './apps/udp-send.ts'
export { assumedOnTheWay, beyondDump } from './dump.ts'
export type { Endpoint } from './endpoint.ts'
export { Lab, type LabOptions, type LabSnapshot, type Run } from './lab.ts'
export { type ProbeResult, type Replay, type ReplayOptions, replayScenario } from './replay/replay.ts'
export type { DropRow } from './replay/tables.ts'
export type { CommandResult } from './shell/result.ts'
export { Shell } from './shell/shell.ts'
export { runTranscript, transcriptCommands } from './shell/transcript.ts'
