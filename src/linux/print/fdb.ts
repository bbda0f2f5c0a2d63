import { type FdbEntry, fdbOf } from '../../model/index.ts'
import type { View } from './view.ts'

/** What `bridge fdb` is asked for. */
export interface FdbOptions {
  /** Only this device. */
  readonly dev?: string
  /** A run's entries instead of those in the model. */
  readonly entries?: readonly FdbEntry[]
}

function shown(view: View, options: FdbOptions): FdbEntry[] {
  return (options.entries ?? fdbOf(view.network, view.ns)).filter(
    (entry) => options.dev === undefined || entry.dev === options.dev,
  )
}

function flagsOf(entry: FdbEntry): string[] {
  return [...(entry.self === true ? ['self'] : []), ...(entry.externLearn === true ? ['extern_learn'] : [])]
}

/** `bridge -j fdb show`. */
export function bridgeFdbJson(view: View, options: FdbOptions = {}): Record<string, unknown>[] {
  return shown(view, options).map((entry) => ({
    mac: entry.mac,
    ifname: entry.dev,
    ...(entry.dst === undefined ? {} : { dst: entry.dst }),
    ...(entry.vlan === undefined ? {} : { vlan: entry.vlan }),
    ...(entry.port === undefined ? {} : { port: entry.port }),
    ...(entry.vni === undefined ? {} : { vni: entry.vni }),
    ...(entry.via === undefined ? {} : { viaIf: entry.via }),
    flags: flagsOf(entry),
    ...(entry.master === undefined ? {} : { master: entry.master }),
    state: entry.state,
  }))
}

/** `bridge fdb show`. */
export function bridgeFdb(view: View, options: FdbOptions = {}): string {
  return shown(view, options)
    .map((entry) => {
      const words: string[] = [entry.mac]
      const add = (name: string, value: string | number | undefined): void => {
        if (value !== undefined) words.push(`${name} ${value}`)
      }
      if (options.dev === undefined) add('dev', entry.dev)
      add('dst', entry.dst)
      add('vlan', entry.vlan)
      add('port', entry.port)
      add('vni', entry.vni)
      add('via', entry.via)
      return `${[...words, ...flagsOf(entry)].join(' ')} ${entry.master === undefined ? '' : `master ${entry.master} `}${entry.state}\n`
    })
    .join('')
}
