import type { Note, NoteCode } from '../model/index.ts'
import type { Asked } from './asked.ts'
import { commandAt, six } from './commands.ts'
import type { Facts } from './facts.ts'

/** The one command that decides on the cluster what a note leaves open. */
export function checkOf(note: Note, asked: Asked, facts: Facts): string | undefined {
  if (note.check !== undefined) return note.check
  return PROBED.has(note.code) ? probe(asked, facts) : looked(note)
}

/** What only the packet itself decides. */
const PROBED: ReadonlySet<NoteCode> = new Set<NoteCode>([
  'policy',
  'host_endpoint',
  'endpoint_to_host',
  'endpoint_to_host_assumed',
  'tunnel_packets',
  'dataplane',
  'felix_field',
  'variable',
  'other_cni',
  'annotation',
  'host_port',
  'listener',
  'internet',
])

/** The same packet, sent there. */
export function probe({ flow, from }: Pick<Asked, 'flow' | 'from'>, facts: Facts): string | undefined {
  if (flow === undefined) return undefined
  const { protocol, destination, to } = flow
  const line =
    protocol === 'tcp'
      ? `nc -vz -w 3 ${destination} ${to}`
      : protocol === 'udp'
        ? `nc -vzu -w 3 ${destination} ${to}`
        : `ping ${six(destination)}-c 1 -W 3 ${destination}`
  return commandAt(facts, from, line)
}

/** What is to be looked at, where a packet would not tell. */
function looked({ code, object }: Note): string | undefined {
  const name = object.slice(object.indexOf('/') + 1)
  switch (code) {
    case 'service':
      return `iptables-save -t nat | grep ${name}   (on the node; or: ipvsadm -Ln, nft list table ip kube-proxy)`
    case 'bgp_filter':
    case 'bgp_speaker':
    case 'bgp_field':
    case 'bgp_assumed':
      return 'ip route   (on the node: is the route there?)'
    case 'router':
      return 'ip route   (on the router)'
    default:
      return undefined
  }
}
