// A session as one value: written, sent as a link, read again, played to the same bytes.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { gzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/model/index.ts'
import { renderText } from '../../src/render/index.ts'
import {
  bytesOfDump,
  decodeSession,
  describePlayed,
  dumpOfBytes,
  encodeSession,
  NO_SESSION,
  parseSession,
  playSession,
  type Question,
  SESSION_SCHEMA,
  type Session,
  sessionToJson,
  sortFiles,
} from '../../src/session/index.ts'
import { runTranscript, Shell } from '../../src/shell/index.ts'
import { ROOT } from '../support/source-files.ts'

const IPIP = readFileSync(`${ROOT}examples/demo/ipip.yaml`, 'utf8')
const [A, B] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']
const PING: Question = { from: A, to: B, protocol: 'ping' }
const DEMO: Session = { ...NO_SESSION, title: 'demo', files: [{ name: 'ipip.yaml', text: IPIP }], question: PING }

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const optional = <T>(name: string, value: fc.Arbitrary<T>): fc.Arbitrary<object> =>
  fc.option(value, { nil: undefined }).map((one) => (one === undefined ? {} : { [name]: one }))

const port = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.string())
const asked = fc.oneof(
  fc.constant({ protocol: 'ping' as const }),
  fc.record({ protocol: fc.constantFrom('tcp' as const, 'udp' as const), port }),
)
const question: fc.Arbitrary<Question> = fc
  .tuple(
    fc.record({ from: fc.string(), to: fc.string({ unit: 'grapheme' }) }),
    asked,
    optional('size', fc.integer({ min: 0, max: 65535 })),
    optional('ttl', fc.integer({ min: 1, max: 255 })),
    optional('dontFragment', fc.constant(true)),
  )
  .map((parts) => Object.assign({}, ...parts) as Question)
const bytes = fc.uint8Array({ maxLength: 64 })
const always = fc.record({
  schema: fc.constant(SESSION_SCHEMA),
  title: fc.string({ unit: 'binary' }),
  seed: fc.integer({ min: 0, max: 0xffff_ffff }),
  files: fc.array(fc.record({ name: fc.string(), text: fc.string({ unit: 'grapheme' }) }), { maxLength: 4 }),
  dumps: fc.array(
    fc.tuple(fc.string(), bytes).map(([name, content]) => dumpOfBytes(name, content)),
    { maxLength: 3 },
  ),
  commands: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }),
  question: fc.option(question),
})
const session: fc.Arbitrary<Session> = fc
  .tuple(always, optional('timeline', fc.string({ unit: 'grapheme' })))
  .map((parts) => Object.assign({}, ...parts) as Session)

/** What is thrown, of which nothing may be but an InputError. */
function faultOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  return 'no fault'
}

describe('a session that is written', () => {
  it('is read again as JSON', () => {
    fc.assert(fc.property(session, (one) => void expect(parseSession(sessionToJson(one))).toEqual(one)))
  })

  it('is read again from a link, whose characters stand in an address as they are', () => {
    fc.assert(
      fc.property(session, (one) => {
        const link = encodeSession(one)
        expect(link).toMatch(/^[\w-]+$/)
        expect(decodeSession(link)).toEqual(one)
      }),
    )
  })

  it('keeps the bytes of dumps', () => {
    fc.assert(fc.property(bytes, (content) => void expect(bytesOfDump(dumpOfBytes('a', content))).toEqual(content)))
  })

  it('is short as a link: the demo cluster takes less than 3,000 characters', () => {
    expect(encodeSession(DEMO).length).toBeLessThan(3000)
  })

  it('may leave out what is empty', () => {
    expect(parseSession(`{"schema":"${SESSION_SCHEMA}"}`)).toEqual(NO_SESSION)
  })
})

describe('a link that was damaged', () => {
  const link = encodeSession(DEMO)

  it.each([
    ['empty', '', 'link: expected a link of version 1 of packetwalk, received nothing'],
    [
      'of another version',
      `9${link.slice(1)}`,
      'link: expected a link of version 1 of packetwalk, received version "9"',
    ],
    ['cut off at once', link.slice(0, 8), 'link: expected the whole link, as it was copied, received a part of it'],
    ['with a character that never stands in one', `${link.slice(0, 40)}%${link.slice(41)}`, 'received a part of it'],
  ])('%s: says so', (_what, damaged, said) => {
    expect(faultOf(() => decodeSession(damaged))).toContain(said)
  })

  it('cut anywhere, or with any character changed, is refused, never read as another session', () => {
    const at = fc.integer({ min: 1, max: link.length - 1 })
    fc.assert(
      fc.property(at, fc.constantFrom(...'AZaz09-_'), (i, other) => {
        expect(faultOf(() => decodeSession(link.slice(0, i)))).toMatch(/^link: expected/)
        fc.pre(link[i] !== other && i < link.length - 2)
        expect(faultOf(() => decodeSession(link.slice(0, i) + other + link.slice(i + 1)))).toMatch(/^link: expected/)
      }),
    )
  })

  it('that is any text is refused', () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(faultOf(() => decodeSession(text))).not.toBe('no fault')))
  })
})

describe('what is no session', () => {
  const FORM = `"schema":"${SESSION_SCHEMA}"`
  it.each([
    ['{', 'expected a session as JSON (packetwalk.session/1), received a text that is not JSON'],
    ['', 'received nothing'],
    ['[]', 'expected an object with schema, title, seed'],
    ['{"schema":"packetwalk.trace/2"}', 'session: schema: expected packetwalk.session/1'],
    [`{${FORM},"file":[]}`, 'session: file: expected one of schema, title'],
    [`{${FORM},"seed":-1}`, 'session: seed: expected a whole number from 0 to 4294967295, received -1'],
    [`{${FORM},"files":[{"name":"a"}]}`, 'session: files.0.text: expected the field "text", received nothing'],
    [`{${FORM},"dumps":[{"name":"a","base64":"%"}]}`, 'session: dumps.0.base64: expected base64, received "%"'],
    [`{${FORM},"question":{"from":"a","to":"b","protocol":"sctp"}}`, 'question.protocol: expected ping, tcp or udp'],
    [
      `{${FORM},"question":{"from":"a","to":"b","protocol":"tcp"}}`,
      'question.port: expected a port, by number or name',
    ],
    [`{${FORM},"question":{"from":"a","to":"b","port":80}}`, 'question.port: expected no port: a ping has none'],
  ])('%s', (text, said) => {
    expect(faultOf(() => parseSession(text))).toContain(said)
  })
})

describe('a session that is played', () => {
  const changed: Session = { ...DEMO, commands: ['ip route del 10.244.205.192/26', 'ssh node01', 'hostname'] }

  it('opens, types and asks; the same session gives the same bytes', () => {
    const [first, again] = [playSession(changed), playSession(decodeSession(encodeSession(changed)))]
    expect(first.commands.map(({ prompt }) => prompt)).toEqual(again.commands.map(({ prompt }) => prompt))
    expect(describePlayed(again)).toBe(describePlayed(first))
    expect(renderText(again.run!.trace, { view: 'bytes' })).toBe(renderText(first.run!.trace, { view: 'bytes' }))
  })

  it('answers otherwise after what was typed', () => {
    expect(playSession(DEMO).run?.ok).toBe(true)
    const cut = { ...DEMO, commands: ['ip link set tunl0 down'] }
    expect(playSession(cut).run?.ok).toBe(false)
  })

  it('types a line behind a prompt on the host that it names', () => {
    const { commands } = playSession({ ...DEMO, question: null, commands: ['node01$ hostname', 'hostname'] })
    expect(commands.map(({ prompt, line, run }) => `${prompt}${line}: ${run.stdout}`)).toEqual([
      'node01$ hostname: node01\n',
      'node01$ hostname: node01\n',
    ])
  })

  it('asks TCP by the name of a port, and says which there are', () => {
    const tcp = (port: number | string): Session => ({ ...DEMO, question: { ...PING, protocol: 'tcp', port } })
    expect(playSession(tcp(80)).run?.ok).toBe(true)
    expect(faultOf(() => playSession(tcp('htttp')))).toContain('htttp')
  })

  it('is a transcript that runs again to the same text', () => {
    const text = describePlayed(playSession({ ...DEMO, commands: ['ip route', 'ip -br addr'] }))
    const { lab } = playSession({ ...DEMO, question: null })
    expect(runTranscript(new Shell(lab), text)).toBe(text)
  })

  it('tells the place of a fault in its files', () => {
    const files = [
      { name: 'pool.yaml', text: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nspec:\n  cidr: 10.0.0.0/99\n' },
    ]
    expect(faultOf(() => playSession({ ...DEMO, files }))).toMatch(/pool\.yaml:\d+/)
  })
})

describe('files that somebody drops', () => {
  const file = (name: string, text: string) => ({ name, bytes: utf8(text) })
  const dump = [file('n1/ip-link.json', '[]'), file('n1/ip-addr.json', '[]'), file('n1/ip-route.json', '[]')]

  it.each([
    ['a text, whatever its name', [file('notes', 'kind: Pod')], { files: ['notes'], dumps: [], passedOver: [] }],
    [
      'a folder of objects',
      [file('c/a.yaml', ''), file('c/p.png', '')],
      { files: ['c/a.yaml'], dumps: [], passedOver: ['c/p.png'] },
    ],
    [
      'a packed text',
      [{ name: 'a.yaml.gz', bytes: gzipSync(utf8('kind: Pod')) }],
      { files: ['a.yaml'], dumps: [], passedOver: [] },
    ],
    [
      'a dump and objects beside it',
      [...dump, file('all.yaml', '')],
      { files: ['all.yaml'], dumps: dump.map(({ name }) => name), passedOver: [] },
    ],
  ])('%s', (_what, given, names) => {
    const { files, dumps, passedOver } = sortFiles(given)
    const nameOf = ({ name }: { readonly name: string }): string => name
    expect({ files: files.map(nameOf), dumps: dumps.map(nameOf), passedOver }).toEqual(names)
  })

  it('refuses an archive that is damaged', () => {
    const cut = gzipSync(utf8(IPIP)).subarray(0, 200)
    expect(faultOf(() => sortFiles([{ name: 'x.tar.gz', bytes: cut }]))).toContain('x.tar.gz')
  })
})
