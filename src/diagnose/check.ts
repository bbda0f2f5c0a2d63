import type { Note, NoteCode } from '../model/index.ts'
import type { Flow } from '../trace/index.ts'
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
  'endpoint_to_host_assumed',
  'dataplane',
  'felix_field',
  'variable',
  'other_cni',
  'annotation',
  'pod_mtu',
  'listener',
  'internet',
])

/** The same packet, sent there; undefined for what no tool at hand sends. */
export function probe({ flow, from }: Pick<Asked, 'flow' | 'from'>, facts: Facts): string | undefined {
  const line = flow === undefined ? undefined : sending(flow)
  return line === undefined ? undefined : commandAt(facts, from, line)
}

function sending({ protocol, destination, to }: Flow): string | undefined {
  switch (protocol) {
    case 'tcp':
      return `nc -vz -w 3 ${destination} ${to}`
    case 'udp':
      return `nc -vzu -w 3 ${destination} ${to}`
    case '':
    case 'icmp':
    case 'icmpv6':
      return `ping ${six(destination)}-c 1 -W 3 ${destination}`
    default:
      return undefined
  }
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
      return 'ip route   (on the router: ask whoever runs it)'
    default:
      return undefined
  }
}
