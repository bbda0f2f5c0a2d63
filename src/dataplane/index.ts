/**
 * Linux in miniature: a {@link Simulation} takes a `Network`, compiles namespaces as packets reach them, and moves real
 * bytes through devices, neighbours, routing, netfilter, tunnels and sockets, in virtual time. What happened is written to
 * a {@link Recorder}; what packets changed (neighbours, connections, learned addresses, path MTUs) stays in the simulation and
 * can be saved and put back.
 *
 * It knows no Calico and no Kubernetes. May import: wire, model, encap.
 *
 * @packageDocumentation
 */

export { fibLookup } from './ipv4/fib-lookup.ts'
export { fib6Lookup } from './ipv6/fib6-lookup.ts'
export { Clock, MILLISECOND, SECOND, type Timer } from './kernel/clock.ts'
export type { RouteError } from './kernel/dst.ts'
export type { NetDevice } from './kernel/net-device.ts'
export { Recorder } from './kernel/recorder.ts'
export type { RouteAnswer, RouteQuestion } from './kernel/route-question.ts'
export { PacketBuffer, type PacketOnDevice, setDevice } from './kernel/skb.ts'
export type { Tap, Unclaimed, World } from './kernel/world.ts'
export { assumeNeighbours } from './link/neigh-assume.ts'
export type { NetNamespace as NetNs } from './net-namespace.ts'
export type { RuleCounter } from './netfilter/counters.ts'
export type { Netfilter } from './netfilter/netfilter.ts'
export { type RouteGetError, routeGet } from './route-get.ts'
export { Simulation, type SimulationOptions } from './simulation.ts'
export type { NetNsSnapshot, SimulationSnapshot } from './snapshot.ts'
export { routeMtu } from './sockets/datagram-output.ts'
export { type Errno, strerror } from './sockets/errno.ts'
export { type Addr, InetSock, type SockError } from './sockets/inet-sock.ts'
export { sendFrame } from './sockets/packet-sock.ts'
export { type RawPacket, RawSock } from './sockets/raw-sock.ts'
export { TcpListener } from './sockets/tcp-listener.ts'
export { TcpSock } from './sockets/tcp-sock.ts'
export { type Datagram, UdpSock } from './sockets/udp-sock.ts'
