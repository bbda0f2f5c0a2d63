import { type HeldAddress, heldAddresses, leakedIn, releaseAddresses } from '../../control/index.ts'
import { type Ip, parseIp } from '../../wire/index.ts'
import type { Host } from '../host.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { clusterSheetOf } from './cluster-information.ts'
import { type IpamReport, readReport } from './ipam-report.ts'
import { type IpamSeen, ipamSeen } from './ipam-seen.ts'
import type { Asked } from './options.ts'
import type { Seen } from './seen.ts'

/** `calicoctl ipam release --ip=ADDRESS|--from-report=FILE [--force]`. @calico calicoctl/calicoctl/commands/ipam_command.go */
export function ipamRelease(host: Host, seen: Seen, asked: Asked): Run {
  const { flags, given } = asked
  const files = given.flatMap(([name, value]) => (name === 'from-report' ? [String(value)] : []))
  if (files.length > 0) return releaseReported(host, seen, files, flags.has('force'))
  const ip = flags.get('ip')
  const address = ip === undefined ? undefined : parseIp(String(ip))
  if (address === undefined)
    return failed(
      ip === undefined
        ? 'packetwalk: calicoctl ipam release --ip=ADDRESS or --from-report=FILE'
        : `invalid IP address: ${String(ip)}`,
    )
  const ipam = ipamSeen(seen)
  const held = ipam.held.find((one) => one.address === address)
  if (held === undefined) return failed(`IP address ${address} is not assigned`)
  if (!isLeaked(seen, ipam, address)) return failed(keptFrom(held))
  host.lab.occur({ kind: 'release', addresses: [address] })
  return printed(`Successfully released IP address ${address}\n`)
}

/** Whether nobody has an address that IPAM holds. */
function isLeaked({ cluster }: Seen, { owners }: IpamSeen, address: Ip): boolean {
  return !owners.has(address) && leakedIn(cluster, [address]).length > 0
}

/** Why an address stays whose it is. */
function keptFrom({ address, handle, attributes }: HeldAddress): string {
  const { pod, namespace } = attributes ?? {}
  const who = pod === undefined ? (handle ?? 'somebody') : `${namespace}/${pod}`
  const would = `calicoctl does not look, and would: ${who} went on using it, and IPAM gave it to another pod, too`
  const instead = pod === undefined ? 'it goes with its node' : 'kubectl delete pod gives it back'
  return `packetwalk: calicoctl ipam release does not take ${address} from ${who} here (${would}); ${instead}`
}

/** Gives back what all of some reports call leaked. @calico calicoctl/calicoctl/commands/ipam/release.go */
function releaseReported(host: Host, seen: Seen, files: readonly string[], isForced: boolean): Run {
  const sheet = clusterSheetOf(seen)
  if (typeof sheet === 'string') return failed(sheet)
  const version = seen.cluster.settings.version.text
  const said: string[] = []
  const reports: IpamReport[] = []
  const refused = (why: string): Run => ({ ...failed(why), stdout: said.join('') })
  for (const file of files) {
    const text = host.files.read(file)
    if (typeof text !== 'string') return refused(`open ${file}: ${text.fault.toLowerCase()}`)
    const report = readReport(text)
    if (typeof report === 'string') return refused(`${file}: ${report}`)
    if (report.clusterGUID !== sheet.guid)
      return refused(
        `cluster does not match the provided report (${file}): mismatched cluster GUID. Refusing to release`,
      )
    if (report.version !== version && !isForced)
      return refused(
        `the provided report (${file}) was produced using a different version (${report.version}) of calicoctl. Refusing to release`,
      )
    if (report.version !== version)
      said.push('WARNING: Report was produced using a different version of calicoctl. Ignoring due to --force option\n')
    reports.push(report)
  }
  if (!reports.some((report) => report.clusterInformationRevision === sheet.revision))
    return refused(
      'the provided reports are all stale - at least one should be up-to-date. Please generate a new report while the data store is locked and try again',
    )
  if (!sheet.isLocked && !isForced)
    return refused('data store is not locked. Either lock the data store, or re-run with --force')
  if (!sheet.isLocked) said.push('WARNING: Data store is not locked. Ignoring due to --force option\n')
  const told = releaseLeaked(host, seen, inAll(reports))
  said.push(...told.said, "Report didn't contain any handles to clean up.\n", 'You may now unlock the data store.\n')
  return printed(said.join(''), told.kept.map((line) => `${line}\n`).join(''))
}

/** What every report calls leaked, as the last of them has it. */
function inAll(reports: readonly IpamReport[]): ReadonlyMap<Ip, string> {
  const last = reports.at(-1)!.leaked
  return new Map([...last].filter(([address]) => reports.every(({ leaked }) => leaked.has(address))))
}

function releaseLeaked(
  { lab }: Host,
  seen: Seen,
  leaked: ReadonlyMap<Ip, string>,
): { readonly said: readonly string[]; readonly kept: readonly string[] } {
  if (leaked.size === 0) return { said: ["Report didn't contain any leaked IPs to clean up.\n"], kept: [] }
  const ipam = ipamSeen(seen)
  const inUse = ipam.held.filter((one) => leaked.has(one.address) && !isLeaked(seen, ipam, one.address))
  const kept = new Set<string>(inUse.map(({ address }) => address))
  const wanted = [...leaked].flatMap(([address, handle]) => (kept.has(address) ? [] : [{ address, handle }]))
  const before = new Set(ipam.held.map(({ address }) => address))
  const { unallocated, error } = releaseAddresses(ipam.store, wanted)
  const after = new Set(heldAddresses(ipam.store).map(({ address }) => address))
  const freed = wanted.flatMap(({ address }) => (before.has(address) && !after.has(address) ? [address] : []))
  if (freed.length > 0) lab.occur({ kind: 'release', addresses: freed })
  const said = [`Releasing ${leaked.size} old IPs...\n`]
  if (error === undefined) said.push(`Released ${freed.length} IPs successfully\n`)
  else
    said.push(
      `An error occurred while releasing some IPs: ${error.message}.  Problems are often caused by an out-of-date IPAM report.  Try regenerating the IPAM report and retry.\n`,
    )
  if (unallocated.length > 0)
    said.push(`${unallocated.length} addresses marked as leaked in the report had already been cleaned up.\n`)
  return { said, kept: inUse.map(keptFrom) }
}
