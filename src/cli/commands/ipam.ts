import {
  calicoVersionOf,
  checkIpam,
  heldAddresses,
  type IpamStore,
  MOST_COUNTED,
  nextPod,
  type Resources,
  resize,
  room,
  sized,
  storeOfCluster,
  storeOfResources,
  traitsOf,
  utilization,
} from '../../control/index.ts'
import { loadResources } from '../../input/index.ts'
import { invalid, Lab, remarksOnInput } from '../../lab/index.ts'
import { printable } from '../../model/index.ts'
import {
  addressText,
  borrowedText,
  checkText,
  nextText,
  resizedText,
  roomText,
  settingsText,
  usageText,
} from '../../shell/index.ts'
import { parseIp } from '../../wire/index.ts'
import { EXIT, NotEnoughInformation } from '../exit.ts'
import { InputFiles } from '../input-files.ts'
import { releaseOf } from '../open-lab.ts'

/** What all of `packetwalk ipam` takes. */
export interface IpamSource {
  /** `-f`. */
  readonly file?: readonly string[]
  /** `-j`. */
  readonly json?: boolean
  /** `--calico-version`. */
  readonly calicoVersion?: string
  /** `-q`. */
  readonly quiet?: boolean
}

/** Options of `packetwalk ipam show`. */
export interface IpamShowOptions extends IpamSource {
  /** `--show-blocks`. */
  readonly showBlocks?: boolean
  /** `--show-borrowed`. */
  readonly showBorrowed?: boolean
  /** `--show-configuration`. */
  readonly showConfiguration?: boolean
  /** `--ip`. */
  readonly ip?: string
}

/** Options of `packetwalk ipam what-if`. */
export interface IpamWhatIfOptions extends IpamSource {
  /** `--node`: where the next pod goes. */
  readonly node?: string
  /** `-n`: its namespace. */
  readonly namespace?: string
  /** `--block-size`. */
  readonly blockSize?: number
  /** `--pool`: whose blocks would have that size. */
  readonly pool?: string
  /** `-6`. */
  readonly ipv6?: boolean
}

function read({ file = [], quiet }: IpamSource): Resources {
  if (file.length === 0) throw invalid('-f FILE', 'none')
  const inputs = new InputFiles()
  const loaded = inputs.read(() => loadResources(inputs.open(file, sayTo(quiet))))
  for (const line of remarksOnInput(loaded)) sayTo(quiet)(line)
  return loaded.resources
}

function sayTo(quiet: boolean | undefined): (line: string) => void {
  return (line) => {
    if (quiet !== true) process.stderr.write(`packetwalk: ${printable(line)}\n`)
  }
}

/** What IPAM holds: as the blocks of the files say, else as Calico would have made it. */
function storeOf(resources: Resources, { quiet, calicoVersion }: IpamSource): IpamStore {
  const release = releaseOf(calicoVersion)
  const traits = traitsOf(release.calicoVersion ?? calicoVersionOf(resources))
  if (resources.ipamBlocks.length > 0) return storeOfResources(resources, traits)
  sayTo(quiet)('the files have no IPAMBlock: blocks are those that Calico would make')
  const { cluster } = Lab.fromResources(resources, release)
  return cluster === null ? storeOfResources(resources, traits) : storeOfCluster(cluster, traits)
}

function write(json: boolean | undefined, value: object, text: () => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, jsonValue, 2)}\n` : text())
}

/** Maps as objects; numbers of writes as text: they may be longer than numbers of JSON are exact. */
function jsonValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Map ? Object.fromEntries(value) : value
}

/** How full pools and blocks are, which addresses are borrowed, IPAM's settings, or who has an address. */
export function ipamShowCommand(options: IpamShowOptions): number {
  const { json, showBlocks, showBorrowed, showConfiguration, ip } = options
  const store = storeOf(read(options), options)
  if (ip !== undefined) {
    const address = parseIp(ip)
    if (address === undefined) throw invalid('--ip ADDRESS', ip)
    const held = heldAddresses(store).find((each) => each.address === address)
    write(json, { address, held: held ?? null }, () => addressText(address, held))
  } else if (showConfiguration === true) {
    write(json, store.settings, () => settingsText(store.settings))
  } else if (showBorrowed === true) {
    const held = heldAddresses(store)
    write(json, { allocations: held }, () => borrowedText(store, held))
  } else {
    write(json, { pools: utilization(store) }, () => usageText(store, showBlocks === true))
  }
  return EXIT.ok
}

/** What is wrong between IPAM and those who use addresses: status 1 when something is. */
export function ipamCheckCommand(options: IpamSource): number {
  const resources = read(options)
  if (resources.ipamBlocks.length === 0) {
    throw new NotEnoughInformation(
      'the files have no IPAMBlock (kubectl get ipamblocks -o yaml): nothing to check against',
    )
  }
  const check = checkIpam(storeOf(resources, options), resources)
  write(options.json, check, () => checkText(check))
  return check.problems.length === 0 ? EXIT.ok : EXIT.failed
}

/** How many pods fit, where the next one goes, and what another block size would change. */
export function ipamWhatIfCommand(options: IpamWhatIfOptions): number {
  const { json, node, namespace, blockSize } = options
  const family = options.ipv6 === true ? 6 : 4
  const store = storeOf(read(options), options)
  if (blockSize !== undefined) {
    const pool =
      store.pools.find((one) => one.name === options.pool || one.cidr === options.pool) ?? only(store, options)
    const before = sized(store, pool)
    const after = resize(store, pool, blockSize)
    write(json, { pool: pool.name, before, after }, () =>
      resizedText(`IPPool ${pool.name} (${pool.cidr})`, before, after),
    )
  } else if (node !== undefined) {
    const name = node.replace(/^node\//, '')
    if (!store.nodes.has(name)) throw invalid(`a node: ${[...store.nodes.keys()].join(', ')}`, node)
    const next = nextPod(store, name, family, namespace)
    write(json, next, () => nextText(next))
    return next.address === undefined ? EXIT.failed : EXIT.ok
  } else {
    const found = room(store, family)
    write(json, found, () => roomText(found, MOST_COUNTED))
  }
  return EXIT.ok
}

/** The pool that is meant where none is named, or a wrong one. */
function only(store: IpamStore, { pool, blockSize = 0 }: IpamWhatIfOptions): IpamStore['pools'][number] {
  const fitting = store.pools.filter(({ family }) => (family === 6) === blockSize > 32)
  if (pool === undefined && fitting.length === 1) return fitting[0]!
  throw invalid(`--pool of ${fitting.map(({ name }) => name).join(', ') || 'none'}`, pool ?? 'none')
}
