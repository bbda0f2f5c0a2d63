// Every parser of bytes and text, given anything: it answers, or throws its own typed error, within a moment.

import { readFileSync } from 'node:fs'
import { gzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { applyCommand } from '../../src/commands/index.ts'
import { loadDump } from '../../src/dumps/index.ts'
import { readArchive } from '../../src/input/archive.ts'
import { loadResources } from '../../src/input/index.ts'
import { parseNamespaceDump } from '../../src/linux/index.ts'
import { InputError, networkOf } from '../../src/model/index.ts'
import { parseScenario } from '../../src/replay/index.ts'
import { transcriptCommands } from '../../src/shell/index.ts'
import { compileFilter } from '../../src/shell/pcap-filter.ts'
import {
  decodeUtf8,
  describeFrame,
  dissectFrame,
  encodeUtf8,
  LINK_TYPE,
  PcapngError,
  parseCidr,
  parseHex,
  parseIp,
  parseMac,
  parsePrefix,
  readPcapng,
} from '../../src/wire/index.ts'
import { packTar } from '../../tools/tar.mjs'
import { readScenario } from '../support/captures.ts'
import { capturedState, dumpOf } from '../support/dumps.ts'
import { mutate, Random } from './random.ts'

/** A parser, what it may throw, and right input to start from. */
interface Subject {
  readonly name: string
  readonly parse: (bytes: Uint8Array) => unknown
  readonly samples: readonly Uint8Array[]
  readonly throws?: new (...args: never[]) => Error
  /** Runs of others in the time of one of it: a whole dump is read, or a whole scenario. */
  readonly costs?: number
}

const RUNS = Math.ceil(Number(process.env['PACKETWALK_FUZZ'] ?? 20_000) / 20)
/** What one input may take on a busy machine, in milliseconds. */
const MOMENT = 2_000

const scenario = readScenario('18-services-ipip')
const odd = readScenario('24-odd-packets')
const captured = capturedState('18-services-ipip')
const wireguard = capturedState('08-wireguard')
const nodeFiles = (name: string): Record<string, unknown> => ({
  ...captured.state['node01'],
  ...wireguard.state['node01'],
  ...{ name },
})
const text = (content: unknown): Uint8Array =>
  encodeUtf8(typeof content === 'string' ? content : JSON.stringify(content))
const read = (file: string, bytes: Uint8Array): unknown =>
  parseNamespaceDump('n', 'node', { [file]: decodeUtf8(bytes) })
const dumpFiles = dumpOf(captured, (role) => role === 'node')
const plain = dumpOf(captured, (role) => role === 'node', 'text')
const pcapngs = [...scenario, ...odd].filter(([path]) => path.endsWith('.pcapng')).map(([, bytes]) => bytes)
const frames = pcapngs.flatMap((bytes) => readPcapng(bytes).packets.map((packet) => packet.bytes)).slice(0, 2000)
const demo = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url))

const FILES = Object.entries(nodeFiles('x')).filter(([file]) => /\.(json|txt)$/.test(file))

const SUBJECTS: readonly Subject[] = [
  {
    name: 'frames: dissected and described',
    parse: (bytes) => [
      dissectFrame(bytes, LINK_TYPE.ETHERNET),
      describeFrame(bytes, LINK_TYPE.ETHERNET, { verbose: true }),
    ],
    samples: frames,
  },
  {
    name: 'raw IP packets',
    parse: (bytes) => [dissectFrame(bytes, LINK_TYPE.RAW), describeFrame(bytes, LINK_TYPE.RAW, { verbose: true })],
    samples: frames.map((frame) => frame.subarray(14)),
  },
  { name: 'pcapng', parse: readPcapng, samples: pcapngs.slice(0, 40), throws: PcapngError },
  ...FILES.map(
    ([file, content]): Subject => ({ name: file, parse: (bytes) => read(file, bytes), samples: [text(content)] }),
  ),
  {
    name: 'plain text of ip and bridge',
    parse: (bytes) =>
      loadDump(new Map([...plain].map(([path, right]) => [path, path.includes('ip-') ? bytes : right]))),
    samples: [...plain].filter(([path]) => /ip-|fdb/.test(path)).map(([, bytes]) => bytes),
    costs: 5,
  },
  {
    name: 'tar',
    parse: (bytes) => readArchive('a.tar', bytes),
    samples: [new Uint8Array(packTar([...dumpFiles].slice(0, 3)))],
    throws: InputError,
  },
  {
    name: 'tar.gz',
    parse: (bytes) => readArchive('a.tgz', bytes),
    samples: [gzipSync(packTar([...dumpFiles].slice(0, 3)))],
    throws: InputError,
  },
  {
    name: 'zip',
    parse: (bytes) => readArchive('a.zip', bytes),
    samples: [zipSync(Object.fromEntries([...dumpFiles].slice(0, 3)))],
    throws: InputError,
  },
  {
    name: 'YAML of a cluster',
    parse: (bytes) => loadResources([{ name: 'a.yaml', text: decodeUtf8(bytes) }]),
    samples: [demo.subarray(0, 1500), demo.subarray(1500, 3000)],
    throws: InputError,
  },
  {
    name: 'scenario.json',
    parse: (bytes) => parseScenario(new Map([...scenario, ['scenario.json', bytes]])),
    samples: [scenario.get('scenario.json')!.subarray(0, 4000)],
    throws: InputError,
    costs: 5,
  },
  {
    name: 'commands',
    parse: (bytes) => applyCommand(networkOf([]), 'n', decodeUtf8(bytes)),
    samples: [
      'ip route add 10.0.0.0/8 via 10.1.1.1 dev eth0',
      'iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE',
    ].map(text),
  },
  {
    name: 'filters',
    parse: (bytes) => compileFilter(decodeUtf8(bytes).split(' ')),
    samples: ['not ( udp or arp ) and src net 10.0.0.0/8', '((((icmp))))'].map(text),
  },
  {
    name: 'addresses',
    parse: (bytes) => {
      const word = decodeUtf8(bytes)
      return [
        parseIp(word),
        parsePrefix(word),
        parseCidr(word),
        parseMac(word),
        parseHex(word),
        transcriptCommands(word),
      ]
    },
    samples: ['10.0.0.1/24', 'fd00::1:2', '::ffff:10.0.0.1/128', '02:00:00:00:00:01', '0x00ff'].map(text),
  },
]

describe('parsers given anything', () => {
  it.each(SUBJECTS.map((subject, i) => [subject.name, subject, i + 1] as const))(
    '%s',
    { timeout: 30_000 + RUNS * 100 },
    (_name, subject, seed) => {
      const random = new Random(seed)
      let refused = 0
      for (let run = 0; run < RUNS / (subject.costs ?? 1); run++) {
        const other = random.pick(subject.samples)
        const junk = Uint8Array.from({ length: random.below(300) }, () => random.below(256))
        const bytes = random.oneIn(6)
          ? junk
          : spread(random, random.pick(subject.samples), random.oneIn(4) ? junk : other)
        const started = performance.now()
        try {
          subject.parse(bytes)
        } catch (error) {
          refused++
          if (subject.throws === undefined || !(error instanceof subject.throws)) {
            throw new Error(
              `seed ${seed}, run ${run}: ${String((error as Error).stack)}\n${JSON.stringify(decodeUtf8(bytes).slice(0, 2000))}`,
            )
          }
        }
        expect(performance.now() - started).toBeLessThan(MOMENT)
      }
      if (subject.throws !== undefined) expect(refused).toBeGreaterThan(0)
    },
  )
})

/** Mutations all over long inputs, not only at their beginning. */
function spread(random: Random, sample: Uint8Array, other: Uint8Array): Uint8Array {
  if (sample.length < 200 || random.oneIn(3)) return mutate(random, sample, other)
  const at = random.below(sample.length)
  const length = Math.min(80, sample.length - at)
  const changed = mutate(random, sample.subarray(at, at + length), other)
  return Uint8Array.from([...sample.subarray(0, at), ...changed, ...sample.subarray(at + length)])
}
