import {
  bridgeFdb,
  ipAddr,
  ipLink,
  ipNeigh,
  ipNeighProxy,
  ipRoute,
  ipRule,
  parseNamespaceDump,
} from '../../src/linux/index.ts'
import { networkOf } from '../../src/model/index.ts'

/** How a dump is written: `ip -j`, or what the tools print for people. */
export type DumpFormat = 'json' | 'text'

type Writer = (name: string, files: Readonly<Record<string, unknown>>) => [string, string][]

/** The files of a namespace in each form. */
export const writers: Readonly<Record<DumpFormat, Writer>> = {
  json: (_name, files) =>
    Object.entries(files).map(([file, content]) => [
      file,
      typeof content === 'string' ? content : JSON.stringify(content),
    ]),
  text: (name, files) => {
    const { namespace: ns } = parseNamespaceDump(name, 'node', files)
    const view = { network: networkOf([ns]), ns }
    const printed: [string, string][] = [
      ['ip-link.txt', ipLink(view, { details: true })],
      ['ip-addr.txt', ipAddr(view, {})],
      ['ip-route.txt', ipRoute(view, { table: 'all', details: true })],
      ['ip-rule.txt', ipRule(view, 'inet')],
      ['ip-rule6.txt', ipRule(view, 'inet6')],
      ['ip-neigh.txt', ipNeigh(view, { all: true })],
      ['neigh-proxy.txt', ipNeighProxy(view)],
      ['bridge-fdb.txt', bridgeFdb(view)],
    ]
    const verbatim = Object.entries(files).filter(([file]) => file.endsWith('.txt')) as [string, string][]
    return [...printed.filter(([, text]) => text !== ''), ...verbatim]
  },
}
