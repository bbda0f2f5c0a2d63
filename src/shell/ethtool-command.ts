import { linkSuffix } from '../linux/index.ts'
import type { Interface } from '../model/index.ts'
import type { Host } from './host.ts'
import { refusedInPod } from './machine-commands.ts'
import { failed, printed, reprinted } from './result.ts'
import type { Run } from './run.ts'

const NO_DEVICE = 'netlink error: no device matches name (offset 24)\nnetlink error: No such device\n'
const BAD = 'ethtool: bad command line argument(s)\nFor more information run ethtool -h'
const CARD = 'packetwalk: the driver of a card, its speed and its counters are not modelled'
const SOFTWARE =
  'packetwalk: every device here computes its own checksums and sends segments one by one, so a broken checksum offload cannot be shown, nor switched off\n'

/** Features that people look at; none of them is there. */
const FEATURES = {
  rx: 'rx-checksumming',
  tx: 'tx-checksumming',
  sg: 'scatter-gather',
  tso: 'tcp-segmentation-offload',
  gso: 'generic-segmentation-offload',
  gro: 'generic-receive-offload',
  lro: 'large-receive-offload',
} as const
const OTHER_FEATURES: ReadonlySet<string> = new Set([
  ...['tx-checksum-ip-generic', 'tx-checksum-ipv4', 'tx-checksum-ipv6', 'tx-checksum-sctp'],
  ...['tx-udp_tnl-segmentation', 'tx-udp_tnl-csum-segmentation', 'tx-tcp-segmentation', 'tx-tcp6-segmentation'],
  ...['rx-gro-list', 'rx-udp-gro-forwarding', 'rx-gro-hw', 'ntuple', 'rxvlan', 'txvlan', 'ufo'],
])

/** `ethtool [-i|-S|-k|-K] DEVICE`, as far as devices without hardware answer it. */
export function ethtoolCommand(host: Host, words: readonly string[]): Run {
  const inPod = refusedInPod(host, 'ethtool')
  if (inPod !== undefined) return inPod
  const [verb = '', ...rest] = words.slice(1)
  const isPlain = verb !== '' && !verb.startsWith('-')
  const name = isPlain ? verb : (rest[0] ?? '')
  if (name === '') return failed(BAD)
  const link = host.model.interfaces[name]
  switch (isPlain ? 'settings' : verb) {
    case 'settings':
      return link === undefined ? { ...failed(`${NO_DEVICE.repeat(5)}No data available`, 75) } : settings(link)
    case '-i':
    case '--driver':
      return link === undefined ? failed('Cannot get driver information: No such device', 71) : driver(link)
    case '-S':
    case '--statistics':
      return link === undefined
        ? failed('Cannot get stats strings information: No such device', 96)
        : statistics(host, link)
    case '-k':
    case '--show-features':
    case '--show-offload':
      return link === undefined ? failed(NO_DEVICE, 1) : features(link)
    case '-K':
    case '--features':
    case '--offload':
      return link === undefined ? failed(NO_DEVICE, 92) : setFeatures(rest.slice(1))
    default:
      return failed(`packetwalk: ethtool ${verb} is not modelled; there are -i, -S, -k, -K`, 2)
  }
}

function settings(link: Interface): Run {
  const detected = `\tLink detected: ${link.up && link.carrier ? 'yes' : 'no'}\n`
  if (link.kind === 'loopback') return printed(`Settings for ${link.name}:\n${detected}`)
  if (link.kind === 'ethernet') return printed(`Settings for ${link.name}:\n${detected}`, `${CARD}\n`)
  const isVeth = link.kind === 'veth'
  const lines = [
    'Supported ports: [  ]',
    'Supported link modes:   Not reported',
    'Supported pause frame use: No',
    'Supports auto-negotiation: No',
    'Supported FEC modes: Not reported',
    'Advertised link modes:  Not reported',
    'Advertised pause frame use: No',
    'Advertised auto-negotiation: No',
    'Advertised FEC modes: Not reported',
    ...(isVeth ? ['Speed: 10000Mb/s', 'Duplex: Full'] : ['Speed: Unknown!', 'Duplex: Unknown! (255)']),
    'Auto-negotiation: off',
    `Port: ${isVeth ? 'Twisted Pair' : 'Other'}`,
    'PHYAD: 0',
    'Transceiver: internal',
    ...(isVeth ? ['MDI-X: Unknown'] : []),
  ]
  return printed(`Settings for ${link.name}:\n${lines.map((line) => `\t${line}\n`).join('')}${detected}`)
}

/** Drivers of devices without hardware, with their version and whether they count; of others the kernel's own version. */
const DRIVERS: Readonly<Partial<Record<Interface['kind'], readonly [name: string, version: string, none: string]>>> = {
  veth: ['veth', '1.0', ''],
  bridge: ['bridge', '2.3', 'N/A'],
  vxlan: ['vxlan', '0.1', ''],
  ipip: ['ipip', '6.1.0', ''],
  wireguard: ['wireguard', '6.1.0', ''],
  dummy: ['dummy', '6.1.0', ''],
}

function driver(link: Interface): Run {
  if (link.kind === 'loopback') return failed('Cannot get driver information: Operation not supported', 71)
  const known = DRIVERS[link.kind]
  if (known === undefined) return failed(CARD, 2)
  const [name, version, none] = known
  const lines = [
    `driver: ${name}`,
    `version: ${version}`,
    `firmware-version: ${none}`,
    'expansion-rom-version: ',
    `bus-info: ${none}`,
    `supports-statistics: ${link.kind === 'veth' ? 'yes' : 'no'}`,
    'supports-test: no',
    'supports-eeprom-access: no',
    'supports-register-dump: no',
    'supports-priv-flags: no',
  ]
  return printed(`${lines.join('\n')}\n`)
}

/** What no program of XDP has counted. */
const XDP = [
  ...['xdp_packets', 'xdp_bytes', 'drops', 'xdp_redirect', 'xdp_drops', 'xdp_tx', 'xdp_tx_errors'].map(
    (one) => `rx_queue_0_${one}`,
  ),
  ...['xdp_xmit', 'xdp_xmit_errors'].map((one) => `tx_queue_0_${one}`),
]

/** The statistics of a veth say which device is at its other end. */
function statistics(host: Host, link: Interface): Run {
  if (link.kind === 'ethernet') return failed(CARD, 2)
  const suffix = link.kind === 'veth' ? linkSuffix(host.view, link) : ''
  const near = host.model.interfaces[suffix.slice(1)]?.ifindex
  const peer = /^@if(\d+)$/.exec(suffix)?.[1] ?? near
  if (peer === undefined) return failed('no stats available', 94)
  const rows = [`peer_ifindex: ${peer}`, ...XDP.map((name) => `${name}: 0`)]
  return printed(`NIC statistics:\n${rows.map((row) => `     ${row}\n`).join('')}`)
}

function features({ name }: Interface): Run {
  const rows = Object.values(FEATURES).map((feature) => `${feature}: off [fixed]\n`)
  return printed(`Features for ${name}:\n${rows.join('')}`, SOFTWARE)
}

/** What is off is switched off without a word; nothing is switched on. */
function setFeatures(words: readonly string[]): Run {
  const asked: (readonly [feature: string, way: string])[] = []
  for (let i = 0; i < words.length; i += 2) {
    const [feature = '', way = ''] = words.slice(i, i + 2)
    if (way !== 'on' && way !== 'off')
      return failed(`ethtool (-K): flag '${way}' for parameter '(null)' is not followed by 'on' or 'off'`)
    if (!Object.hasOwn(FEATURES, feature) && !OTHER_FEATURES.has(feature) && !isLongName(feature))
      return failed('netlink error: bit name not found (offset 52)\nnetlink error: Operation not supported', 92)
    asked.push([feature, way])
  }
  if (asked.length === 0) return failed(BAD)
  const on = asked.filter(([, way]) => way === 'on')
  if (on.length === 0) return printed('', SOFTWARE)
  const rows = on.map(([feature]) => `${feature}: off [requested on]\n`)
  const stdout = `Could not change any device features\nActual changes:\n${rows.join('')}`
  return reprinted(printed(''), { stdout, stderr: SOFTWARE, exitCode: 1 }, false)
}

function isLongName(feature: string): boolean {
  return Object.values(FEATURES).some((name) => name === feature)
}
