import { type Neighbour, neighboursOf } from '../../model/index.ts'
import type { View } from './view.ts'

/** What `ip neigh` is asked for. */
export interface NeighOptions {
  /** `-4` or `-6`; absent = both. */
  readonly family?: 'inet' | 'inet6'
  /** Only this device. */
  readonly dev?: string
  /** `nud all`: also NOARP and NONE entries. */
  readonly all?: boolean
  /** A run's neighbour table instead of the one in the model. */
  readonly entries?: readonly Neighbour[]
}

function shown(view: View, options: NeighOptions): Neighbour[] {
  return (options.entries ?? neighboursOf(view.network, view.ns)).filter((entry) => {
    if (options.dev !== undefined && entry.dev !== options.dev) return false
    if (options.family !== undefined && entry.dst.includes(':') !== (options.family === 'inet6')) return false
    return options.all === true || (entry.state !== 'NOARP' && entry.state !== 'NONE')
  })
}

/** `ip -j neigh show`. */
export function ipNeighJson(view: View, options: NeighOptions = {}): Record<string, unknown>[] {
  return shown(view, options).map((entry) => ({
    dst: entry.dst,
    dev: entry.dev,
    ...(entry.lladdr === undefined ? {} : { lladdr: entry.lladdr }),
    ...(entry.router === true ? { router: null } : {}),
    state: [entry.state],
  }))
}

/** `ip neigh show`. */
export function ipNeigh(view: View, options: NeighOptions = {}): string {
  return shown(view, options)
    .map((entry) => {
      const dev = options.dev === undefined ? `dev ${entry.dev} ` : ''
      const lladdr = entry.lladdr === undefined ? '' : `lladdr ${entry.lladdr} `
      return `${entry.dst} ${dev}${lladdr}${entry.router === true ? 'router ' : ''}${entry.state} \n`
    })
    .join('')
}

/** `ip -j neigh show proxy`. */
export function ipNeighProxyJson(view: View): Record<string, unknown>[] {
  return view.ns.proxyNeighbours.map((entry) => ({
    dst: entry.dst,
    ...(entry.dev === undefined ? {} : { dev: entry.dev }),
    proxy: null,
  }))
}

/** `ip neigh show proxy`. */
export function ipNeighProxy(view: View): string {
  return view.ns.proxyNeighbours
    .map((entry) => `${entry.dst} ${entry.dev === undefined ? '' : `dev ${entry.dev} `}proxy \n`)
    .join('')
}
