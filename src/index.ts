/**
 * packetwalk: the life of a packet in a Calico/Kubernetes cluster, hop by hop, byte by byte, and why.
 *
 * The front door: everything a user needs. The rooms behind it have doors of their own (`packetwalk/wire`,
 * `packetwalk/model`, `packetwalk/dataplane`, `packetwalk/encap`, `packetwalk/testing`).
 *
 * @packageDocumentation
 */
export {}
