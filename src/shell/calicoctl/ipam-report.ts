import type { HeldAddress } from '../../control/index.ts'
import { isRecord } from '../../model/index.ts'
import { type Ip, parseIp } from '../../wire/index.ts'
import type { ClusterSheet } from './cluster-information.ts'
import type { IpamSeen } from './ipam-seen.ts'

/** What `calicoctl ipam check -o FILE` writes, and `calicoctl ipam release --from-report=FILE` reads, as far as it is read. */
export interface IpamReport {
  /** Release of calicoctl. */
  readonly version: string
  readonly clusterGUID: string
  /** Of the ClusterInformation at that time. */
  readonly clusterInformationRevision: string
  /** Addresses that nobody used, with the handle that held them. */
  readonly leaked: ReadonlyMap<Ip, string>
}

/** A report as text. @calico calicoctl/calicoctl/commands/ipam/check.go CheckReport */
export function reportText(ipam: IpamSeen, sheet: ClusterSheet, version: string): string {
  const all = ipam.held.map((held) => [held.address, [allocationOf(ipam, held)]] as const)
  const report = {
    version,
    clusterGUID: sheet.guid,
    datastoreLocked: sheet.isLocked,
    clusterInformationRevision: sheet.revision,
    clusterType: sheet.type,
    allocations: Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
  // Numbers of writes are larger than a number is exact.
  return JSON.stringify(report, undefined, 2).replace(/("sequenceNumber": )"(\d+)"/g, '$1$2')
}

function allocationOf({ store, owners }: IpamSeen, held: HeldAddress): object {
  const { address, node = '', handle, attributes = {} } = held
  const { pod, namespace, type, timestamp } = attributes
  const names = owners.get(address)
  const affinity = store.blocks.get(held.block)?.affinity ?? ''
  const owner = affinity.startsWith('host:') ? affinity.slice('host:'.length) : ''
  return {
    ip: address,
    handle,
    sequenceNumber: String(held.sequence),
    pod,
    namespace,
    node: node === '' ? undefined : node,
    type,
    creationTimestamp: timestamp,
    inUse: names !== undefined,
    borrowed: node === owner ? undefined : true,
    owners: names ?? null,
  }
}

/** Reads a report; a text says what is wrong with it. */
export function readReport(text: string): IpamReport | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'packetwalk: it is no JSON'
  }
  if (!isRecord(value)) return 'json: cannot unmarshal a report'
  const word = (name: string): string => (typeof value[name] === 'string' ? (value[name] as string) : '')
  const leaked = new Map<Ip, string>()
  const { allocations } = value
  for (const list of isRecord(allocations) ? Object.values(allocations) : []) {
    for (const one of Array.isArray(list) ? list : []) {
      if (!isRecord(one) || one['inUse'] === true || one['coolingDown'] === true) continue
      const address = parseIp(String(one['ip']))
      if (address !== undefined) leaked.set(address, typeof one['handle'] === 'string' ? one['handle'] : '')
    }
  }
  const names = ['version', 'clusterGUID', 'clusterInformationRevision'] as const
  const [version, clusterGUID, clusterInformationRevision] = names.map(word) as [string, string, string]
  return { version, clusterGUID, clusterInformationRevision, leaked }
}
