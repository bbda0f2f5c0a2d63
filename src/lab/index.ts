/**
 * The front desk: build a network, run programs in it, change it, run again, step back. May import: every room but shell and
 * cli.
 *
 * @packageDocumentation
 */

export type { Endpoint } from './endpoint.ts'
export { Lab, type LabOptions, type LabSnapshot, type Run, remarksOnInput } from './lab.ts'
export type { TcpOptions, UdpOptions } from './options.ts'
