import {
  checkIpam,
  heldAddresses,
  type IpamStore,
  leakedIn,
  storeOfCluster,
  storeOfResources,
  traitsOf,
} from '../../control/index.ts'
import { loadObjects } from '../../input/index.ts'
import { InputError } from '../../model/index.ts'
import { parseIp } from '../../wire/index.ts'
import type { Host } from '../host.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { ipamCheckText, withAddresses } from './ipam-check-text.ts'
import { addressText, borrowedText, settingsText, usageText } from './ipam-text.ts'
import type { Asked } from './options.ts'
import type { Seen } from './seen.ts'

/** What IPAM holds: as stored blocks say, else as the cluster made it. */
function storeOf({ objects, cluster }: Seen): IpamStore {
  const traits = traitsOf(cluster.settings.version)
  if (objects.ipamBlocks.length === 0) return storeOfCluster(cluster, traits)
  const { ipamBlocks, blockAffinities } = cluster.resources
  return storeOfResources({ ...objects, ipamBlocks, blockAffinities }, traits)
}

/** `calicoctl ipam show [--show-blocks|--show-borrowed|--show-configuration|--ip=ADDRESS]`. */
export function ipamShow(seen: Seen, { flags }: Asked): Run {
  const store = storeOf(seen)
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

/** `calicoctl ipam check [--show-all-ips] [--show-problem-ips]`. */
export function ipamCheck(seen: Seen, { flags }: Asked): Run {
  if (flags.has('output'))
    return failed(
      'packetwalk: calicoctl ipam check -o is not known here: no report is written; packetwalk ipam check -j prints one',
    )
  const shown = flags.has('show-all-ips') ? 'all' : flags.has('show-problem-ips') ? 'problems' : 'none'
  return printed(ipamCheckText(storeOf(seen), seen.objects, seen.cluster, shown))
}

/** `calicoctl ipam release --ip=ADDRESS`: an address that nobody has any more; what somebody has is not taken away here. */
export function ipamRelease({ lab }: Host, seen: Seen, { flags }: Asked): Run {
  if (flags.has('from-report'))
    return failed('packetwalk: calicoctl ipam release --from-report is not known here: ipam check writes no report')
  const ip = flags.get('ip')
  const address = ip === undefined ? undefined : parseIp(String(ip))
  if (address === undefined)
    return failed(
      ip === undefined ? 'packetwalk: calicoctl ipam release --ip=ADDRESS' : `invalid IP address: ${String(ip)}`,
    )
  const store = storeOf(seen)
  const held = heldAddresses(store).find((one) => one.address === address)
  if (held === undefined) return failed(`IP address ${address} is not assigned`)
  const { problems } = checkIpam(store, withAddresses(seen.objects, seen.cluster))
  const isLeaked = problems.some(({ kind, at }) => kind === 'leaked' && at === address)
  if (!isLeaked || leakedIn(seen.cluster, [address]).length === 0) {
    const { pod, namespace } = held.attributes ?? {}
    const who = pod === undefined ? (held.handle ?? 'somebody') : `${namespace}/${pod}`
    return failed(
      `packetwalk: calicoctl ipam release does not take ${address} from ${who} here: the address would be given away twice; ${pod === undefined ? 'it goes with its node' : 'kubectl delete pod gives it back'}`,
    )
  }
  lab.occur({ kind: 'release', addresses: [address] })
  return printed(`Successfully released IP address ${address}\n`)
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
