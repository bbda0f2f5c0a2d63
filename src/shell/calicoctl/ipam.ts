import { heldAddresses } from '../../control/index.ts'
import { loadObjects } from '../../input/index.ts'
import { InputError } from '../../model/index.ts'
import { parseIp } from '../../wire/index.ts'
import type { Host } from '../host.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { clusterSheetOf } from './cluster-information.ts'
import { ipamCheckText } from './ipam-check-text.ts'
import { reportText } from './ipam-report.ts'
import { ipamSeen, ipamStoreOf } from './ipam-seen.ts'
import { addressText, borrowedText, settingsText, usageText } from './ipam-text.ts'
import type { Asked } from './options.ts'
import type { Seen } from './seen.ts'

/** `calicoctl ipam show [--show-blocks|--show-borrowed|--show-configuration|--ip=ADDRESS]`. */
export function ipamShow(seen: Seen, { flags }: Asked): Run {
  const store = ipamStoreOf(seen)
  const ip = flags.get('ip')
  if (ip !== undefined) {
    const address = parseIp(String(ip))
    if (address === undefined) return failed(`invalid IP address: ${String(ip)}`)
    return printed(
      addressText(
        address,
        heldAddresses(store).find((each) => each.address === address),
      ),
    )
  }
  if (flags.has('show-configuration')) return printed(settingsText(store.settings))
  if (flags.has('show-borrowed')) return printed(borrowedText(store, heldAddresses(store)))
  return printed(usageText(store, flags.has('show-blocks')))
}

/** `calicoctl ipam check [--show-all-ips] [--show-problem-ips] [-o FILE]`. */
export function ipamCheck({ files }: Host, seen: Seen, { flags }: Asked): Run {
  const sheet = clusterSheetOf(seen)
  if (typeof sheet === 'string') return failed(sheet)
  const shown = flags.has('show-all-ips') ? 'all' : flags.has('show-problem-ips') ? 'problems' : 'none'
  const ipam = ipamSeen(seen)
  const file = flags.get('output')
  // Whether the file could be written calicoctl does not look.
  if (typeof file === 'string') files.write(file, reportText(ipam, sheet, seen.cluster.settings.version.text))
  return printed(ipamCheckText(ipam, shown))
}

/** `calicoctl ipam configure --strictaffinity=true|false [--max-blocks-per-host=N]`. */
export function ipamConfigure({ lab }: Host, { objects }: Seen, { flags }: Asked): Run {
  const [strict, most] = [flags.get('strictaffinity'), flags.get('max-blocks-per-host')]
  if (strict === undefined && most === undefined) return failed('at least one configuration option must be specified')
  if (strict !== undefined && strict !== 'true' && strict !== 'false')
    return failed('invalid value. Use true or false to set strictaffinity')
  if (most !== undefined && !/^\d+$/.test(String(most)))
    return failed('invalid value for maxblockhost. Use a valid number')
  const [before] = objects.ipamConfigs
  const spec = {
    ...before?.spec,
    ...(strict === undefined ? {} : { strictAffinity: strict === 'true' }),
    ...(most === undefined ? {} : { maxBlocksPerHost: Number(most) }),
  }
  const { apiVersion, kind, metadata } = before ?? {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'IPAMConfig',
    metadata: { name: 'default' },
  }
  try {
    lab.apply(
      loadObjects([{ apiVersion, kind, metadata, spec: { autoAllocateBlocks: true, strictAffinity: false, ...spec } }])
        .resources,
    )
  } catch (error) {
    if (error instanceof InputError) return failed(`error: ${error.message}`)
    throw error
  }
  const said = [
    ...(strict === undefined ? [] : [`Successfully set StrictAffinity to: ${strict}`]),
    ...(most === undefined ? [] : [`Successfully set MaxBlocksPerHost to: ${most}`]),
  ]
  return printed(said.map((line) => `${line}\n`).join(''))
}
