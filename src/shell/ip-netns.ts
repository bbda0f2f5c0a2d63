import { cablesIn, didYouMean } from '../model/index.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** Namespaces that a machine holds: those of the pods behind its veths, by the names they have here. */
function namespacesInside(host: Host): string[] {
  const { network } = host.lab
  const far = cablesIn(network.wires)(host.netns).flatMap(({ ends }) => ends.map((end) => end.netns))
  return [...new Set(far)].filter((name) => {
    const role = network.namespaces[name]?.role
    return role === 'pod' || role === 'container'
  })
}

/** A command line for another namespace. */
interface Elsewhere {
  readonly netns: string
  readonly words: readonly string[]
}

/** `ip netns exec NAME COMMAND…`, `ip -n NAME OBJECT …`: where it runs; undefined for a line that is for this namespace. */
export function netnsOf(host: Host, words: readonly string[]): Elsewhere | Run | undefined {
  const at = words.indexOf('-n')
  if (at > 0 && words.slice(1, at).every((word) => word.startsWith('-'))) {
    const name = words[at + 1]
    if (name === undefined) return failed('Command line is not complete. Try option "help"', 255)
    return within(host, name, [...words.slice(0, at), ...words.slice(at + 2)])
  }
  if (words[1] !== 'netns' || words[2] !== 'exec') return undefined
  const [, , , name, ...command] = words
  if (name === undefined) return failed('No netns name specified', 255)
  if (command.length === 0) return failed('No command specified', 255)
  return within(host, name, command)
}

function within(host: Host, name: string, words: readonly string[]): Elsewhere | Run {
  const known = namespacesInside(host)
  const netns = known.find((one) => one === name || one.endsWith(`/${name}`))
  if (netns !== undefined) return { netns, words }
  const hint = didYouMean(name, known)
  return failed(`Cannot open network namespace "${name}": No such file or directory (packetwalk: ${hint})`, 255)
}

/** `ip netns [list]`; a runtime's own names for the namespaces of pods are not known. */
export function netnsCommand(host: Host, rest: readonly string[]): Run {
  const [verb = 'list'] = rest
  if (verb === 'list' || verb === 'show' || verb === 'ls')
    return printed(
      namespacesInside(host)
        .map((name, i) => `${name} (id: ${i})\n`)
        .join(''),
    )
  if (['add', 'del', 'delete', 'attach', 'set', 'identify', 'pids', 'monitor'].includes(verb))
    return failed(`packetwalk: ip netns ${verb} is not modelled: namespaces come and go with pods`, 2)
  return failed(`Command "${verb}" is unknown, try "ip netns help".`, 255)
}

/** `ip tunnel show`: the IPIP tunnels. */
export function tunnelCommand(host: Host, rest: readonly string[]): Run {
  const [verb = 'show', name] = rest
  if (!['show', 'list', 'ls'].includes(verb))
    return failed(`packetwalk: ip tunnel ${verb} is not modelled: ip link ${verb} … type ipip`, 2)
  const tunnels = Object.values(host.model.interfaces).filter((link) => link.kind === 'ipip')
  if (name !== undefined && !tunnels.some((link) => link.name === name))
    return failed(`get tunnel "${name}" failed: No such device`)
  const lines = tunnels
    .filter((link) => name === undefined || link.name === name)
    .map(({ name: dev, ipip }) => {
      const ends = `remote ${ipip?.remote ?? 'any'} local ${ipip?.local ?? 'any'}`
      const ttl = ipip?.ttl === 0 || ipip === undefined ? 'inherit' : ipip.ttl
      const on = ipip?.link === undefined ? '' : ` dev ${ipip.link}`
      return `${dev}: any/ip ${ends}${on} ttl ${ttl}${ipip?.pmtudisc === false ? ' nopmtudisc' : ''}\n`
    })
  return printed(lines.join(''))
}
