import { routeTable } from '../linux/index.ts'
import type { NodeAgent } from '../timeline/index.ts'
import { runsCalicoNode, runsOn } from './calico-programs.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'
import { readSocketFilter, type SocketState } from './socket-filter.ts'

/** A socket that waits. */
interface Listening {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly backlog: number
  /** The program; none where the kernel itself listens. */
  readonly program?: string
}

/** Said of what no list here has. */
const REMARK =
  'packetwalk: programs of the node that are modelled; connections that ended, and those of BIRD, are not kept\n'

/** What listens on a node, by what runs there. */
function listening(host: Host): Listening[] {
  const { cluster } = host.lab
  const links = Object.values(host.model.interfaces)
  const kernel: Listening[] = links.flatMap((link): Listening[] => {
    if (!link.up) return []
    if (link.vxlan !== undefined) return [{ protocol: 'udp', address: '0.0.0.0', port: link.vxlan.dstport, backlog: 0 }]
    const port = link.wireguard?.listenPort ?? 0
    return port === 0 ? [] : [{ protocol: 'udp', address: '0.0.0.0', port, backlog: 0 }]
  })
  const node = cluster?.nodes.find(({ name }) => name === host.netns)
  if (cluster === null || node === undefined) return kernel
  const runs = (agent: NodeAgent): boolean => runsOn(host.lab, agent, host.netns)
  const tcp = (program: string, port: number, address: string, backlog = 4096): Listening => ({
    protocol: 'tcp',
    address,
    port,
    backlog,
    program,
  })
  const isBird = cluster.settings.backend === 'bird'
  return [
    ...(isBird && host.lab.hasCni(host.netns) && runs('bird') ? [tcp('bird', cluster.bgp.port, '0.0.0.0', 8)] : []),
    ...(runsCalicoNode(host.lab, host.netns) ? [tcp('calico-node', 9099, '127.0.0.1')] : []),
    ...(runs('kubelet') ? [tcp('kubelet', 10_248, '127.0.0.1'), tcp('kubelet', 10_250, '*')] : []),
    ...(runs('kube-proxy') ? [tcp('kube-proxy', 10_249, '127.0.0.1'), tcp('kube-proxy', 10_256, '*')] : []),
    ...kernel,
  ]
}

interface Asked {
  readonly protocols: ReadonlySet<'tcp' | 'udp'>
  /** States of the sockets that are shown. */
  readonly states: ReadonlySet<SocketState>
  readonly programs: boolean
}

const LETTERS = 'tulnpa46iemo'

/** States of `-l` and `-a`, as far as sockets that wait have one. */
const WAITING: ReadonlySet<SocketState> = new Set(['listening', 'closed'])

/** `ss [-t] [-u] [-l] [-n] [-p] [-a] [state STATE] [EXPRESSION]`. */
export function ssCommand(host: Host, words: readonly string[]): Run {
  if (words.some((word) => word === '--summary' || /^-[a-z]*s/.test(word)))
    return failed('packetwalk: ss -s counts sockets of all programs, and few are modelled; ss -tulnp lists these', 2)
  const at = words.findIndex((word, i) => i > 0 && !word.startsWith('-'))
  const filter = readSocketFilter(at === -1 ? [] : words.slice(at))
  if ('refused' in filter) return failed(filter.refused, filter.exitCode)
  const read = askedOf(at === -1 ? words : words.slice(0, at))
  if (typeof read === 'string')
    return failed(`packetwalk: ss ${read} is not known here; there are -t -u -l -n -p -a`, 2)
  const asked = { ...read, states: filter.states ?? read.states }
  // Where only one state can be, the tool does not print it.
  const isOne = asked.states.size === 1
  const head = ['Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port', 'Process']
  const listed = shown(host, asked).filter(filter.matches)
  const cells = listed.map(({ protocol, address, port, backlog, program }) => [
    ...(isOne ? [] : [protocol === 'tcp' ? 'LISTEN' : 'UNCONN']),
    '0',
    String(backlog),
    `${address}:${port}`,
    `${address.includes('*') ? '*' : '0.0.0.0'}:*`,
    asked.programs && program !== undefined ? `users:(("${program}"))` : '',
  ])
  const both = asked.protocols.size > 1
  const all = [
    [...(both ? ['Netid'] : []), ...(isOne ? [] : ['State']), ...head],
    ...cells.map((row, i) => (both ? [listed[i]?.protocol ?? '', ...row] : row)),
  ]
  const widths = (all[0] ?? []).map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)))
  const lines = all.map(
    (row) =>
      `${row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join(' ')
        .trimEnd()}\n`,
  )
  return printed(lines.join(''), REMARK)
}

function askedOf(words: readonly string[]): Asked | string {
  const wrong = words.slice(1).find((word) => !/^-[a-z0-9]+$/i.test(word) && word !== '--numeric')
  if (wrong !== undefined) return wrong
  const letters = words.slice(1).flatMap((word) => (word.startsWith('--') ? [] : [...word.slice(1)]))
  const unknown = letters.find((letter) => !LETTERS.includes(letter))
  if (unknown !== undefined) return `-${unknown}`
  const some = (['tcp', 'udp'] as const).filter((one) => letters.includes(one[0] as string))
  return {
    protocols: new Set(some.length === 0 ? (['tcp', 'udp'] as const) : some),
    states: letters.includes('l') || letters.includes('a') ? WAITING : new Set(),
    programs: letters.includes('p'),
  }
}

function shown(host: Host, { protocols, states }: Asked): Listening[] {
  return listening(host).filter(
    ({ protocol }) => protocols.has(protocol) && states.has(protocol === 'tcp' ? 'listening' : 'closed'),
  )
}

/** `netstat -tulnp`, `netstat -rn`. */
export function netstatCommand(host: Host, words: readonly string[]): Run {
  if (words.slice(1).some((word) => /^-[a-z]*r/.test(word))) return printed(routeTable(host.view))
  const asked = askedOf(words)
  if (typeof asked === 'string')
    return failed(`packetwalk: netstat ${asked} is not known here; there are -tulnp and -rn`, 2)
  const rows = shown(host, asked).map(({ protocol, address, port, program }) => {
    const local = `${address === '*' ? '::' : address}:${port}`
    const name = address === '*' ? `${protocol}6` : protocol
    const far = address === '*' ? ':::*' : '0.0.0.0:*'
    const state = protocol === 'tcp' ? 'LISTEN' : ''
    const user = asked.programs ? `     -/${program ?? '-'}` : ''
    return `${name.padEnd(5)} ${'0'.padStart(6)} ${'0'.padStart(6)} ${local.padEnd(23)} ${far.padEnd(23)} ${state.padEnd(11)}${user}\n`
  })
  const title = asked.states.size > 0 ? '(only servers)' : '(w/o servers)'
  const head = `Proto Recv-Q Send-Q Local Address           Foreign Address         State      ${asked.programs ? ' PID/Program name    ' : ''}\n`
  return printed(`Active Internet connections ${title}\n${head}${rows.join('')}`, REMARK)
}
