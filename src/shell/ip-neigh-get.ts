import { ipNeigh, ipNeighProxy } from '../linux/index.ts'
import { parseIp } from '../wire/index.ts'
import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

/** `ip neigh get [to|proxy] ADDRESS dev DEVICE`: one entry, written or learned. @linux net/core/neighbour.c neigh_get */
export function ipNeighGet(host: Host, words: readonly string[]): Run {
  const isProxy = words.includes('proxy')
  const rest = words.filter((word) => word !== 'to' && word !== 'proxy')
  const at = rest.indexOf('dev')
  const dev = at === -1 ? undefined : rest[at + 1]
  const text = rest.find((word, i) => word !== 'dev' && (at === -1 || i !== at + 1))
  const dst = text === undefined ? undefined : parseIp(text)
  if (text !== undefined && dst === undefined)
    return failed(`Error: any valid address is expected rather than "${text}".`)
  if (dev === undefined || dst === undefined) return failed('Device and address are required arguments.')
  if (host.model.interfaces[dev] === undefined) return failed(`Cannot find device "${dev}"`)
  if (isProxy) {
    const proxyNeighbours = host.model.proxyNeighbours.filter((one) => (one.dev ?? dev) === dev && one.dst === dst)
    if (proxyNeighbours.length === 0) return failed('Error: Proxy neighbour entry not found.', 2)
    return printed(ipNeighProxy({ ...host.view, ns: { ...host.model, proxyNeighbours } }))
  }
  const entries = host.neighbours.filter((one) => one.dev === dev && one.dst === dst)
  if (entries.length === 0) return failed('Error: Neighbour entry not found.', 2)
  return printed(ipNeigh(host.view, { entries }))
}
