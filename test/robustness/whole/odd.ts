// What people and programs put where something else belongs, and how whole inputs are damaged with it.
import { mutate, type Random } from '../random.ts'

/** Words that are odd in one place or another. */
export const ODD_WORDS: readonly string[] = [
  '',
  ' ',
  '-',
  '--',
  '/',
  '0',
  '-1',
  '1',
  '255',
  '256',
  '65535',
  '65536',
  '4294967295',
  '4294967296',
  '-4294967296',
  '1e308',
  '1e999',
  '0x7f',
  '007',
  'NaN',
  'null',
  'true',
  'False',
  'yes',
  '~',
  '*',
  '&a',
  '*a',
  '!!binary x',
  '!!js/function x',
  '<<',
  '{}',
  '[]',
  '{',
  ']',
  '|',
  '>',
  '%',
  '@',
  '0.0.0.0',
  '0.0.0.0/0',
  '255.255.255.255',
  '255.255.255.255/32',
  '10.0.0.0/33',
  '10.0.0.1/8',
  '127.0.0.1',
  '224.0.0.1',
  '169.254.1.1',
  '::',
  '::/0',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '::ffff:1.2.3.4',
  '2001:db8::/129',
  '1.2.3',
  '1.2.3.4.5',
  'a.b.c.d',
  '00:00:00:00:00:00',
  'ff:ff:ff:ff:ff:ff',
  'ee:ee:ee:ee:ee:ee',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'default',
  'all',
  'lo',
  'eth0',
  'main',
  'local',
  'unspec',
  'Always',
  'Never',
  'CrossSubnet',
  'node/x',
  'pod/x',
  '\u0000',
  '\u001b[31m',
  '\u001b]0;x\u0007',
  '\u202e',
  '\u2028',
  '\ud800',
  '\ufeff',
  'é',
  '日本',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'",
  '"',
  '`',
  '$(id)',
  ';',
  '\\',
  '\r',
  '\t',
  '\n---\n',
  '(?i)',
  '(a+)+$',
  '[a-',
  '(?=x)',
  '\\1',
  'x'.repeat(300),
  '9'.repeat(40),
  '('.repeat(60),
  '!'.repeat(60),
  'a==="b"',
  'has(',
  'all() && !global()',
  '2020-10-13T00:24:20Z',
  '9999-99-99T99:99:99Z',
]

/** Values of JSON that are odd anywhere. */
function oddValue(random: Random): unknown {
  switch (random.below(9)) {
    case 0:
      return null
    case 1:
      return random.oneIn(2)
    case 2:
      return []
    case 3:
      return {}
    case 4:
      return random.pick([0, -0, -1, 1, 0.5, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, -1e300])
    case 5:
      return [random.pick(ODD_WORDS), random.pick(ODD_WORDS)]
    case 6:
      return { [random.pick(ODD_WORDS)]: random.pick(ODD_WORDS) }
    default:
      return random.pick(ODD_WORDS)
  }
}

interface Slot {
  readonly holder: Record<string | number, unknown> | unknown[]
  readonly key: string | number
}

function slotsOf(value: unknown, slots: Slot[] = []): Slot[] {
  if (typeof value !== 'object' || value === null) return slots
  const keys = Array.isArray(value) ? value.map((_, i) => i) : Object.keys(value)
  for (const key of keys) {
    slots.push({ holder: value as Record<string | number, unknown>, key })
    slotsOf((value as Record<string | number, unknown>)[key], slots)
  }
  return slots
}

/** A tree of JSON with a few of its values exchanged, removed, doubled or made odd. */
export function mutateTree(random: Random, tree: unknown): unknown {
  const copy: unknown = structuredClone(tree)
  const changes = 1 + random.below(random.oneIn(5) ? 12 : 3)
  for (let i = 0; i < changes; i++) {
    const slots = slotsOf(copy)
    if (slots.length === 0) return oddValue(random)
    const { holder, key } = random.pick(slots)
    const other = random.pick(slots)
    const at = holder as Record<string | number, unknown>
    switch (random.below(7)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(key as number, 1)
        else delete at[key]
        break
      case 1:
        at[key] = structuredClone((other.holder as Record<string | number, unknown>)[other.key])
        break
      case 2:
        if (Array.isArray(holder)) holder.splice(key as number, 0, structuredClone(at[key]))
        else at[random.pick(ODD_WORDS)] = structuredClone(at[key])
        break
      case 3:
        if (typeof at[key] === 'string') at[key] = mutateText(random, at[key])
        else if (typeof at[key] === 'number')
          at[key] = (at[key] as number) * random.pick([-1, 0, 2, 0.5, 1e9]) + random.pick([-1, 0, 1])
        break
      default:
        at[key] = oddValue(random)
    }
  }
  return copy
}

/** Words of a text, and what stands between them. */
const WORDS = /[A-Za-z0-9_.:/-]+/g

/** A text with lines moved, doubled or gone, words exchanged or made odd, bytes damaged. */
export function mutateText(random: Random, text: string): string {
  switch (random.below(5)) {
    case 0:
      return mutateLines(random, text)
    case 1:
      return Buffer.from(mutate(random, Buffer.from(text), Buffer.from(random.pick(ODD_WORDS)))).toString('utf8')
    default: {
      const words = text.match(WORDS) ?? []
      const rate = random.oneIn(4) ? 10 : Math.max(3, words.length)
      return text.replace(WORDS, (word) => {
        if (!random.oneIn(rate)) return word
        return random.oneIn(3) ? random.pick(words) : random.pick(ODD_WORDS)
      })
    }
  }
}

function mutateLines(random: Random, text: string): string {
  const lines = text.split('\n')
  for (let i = 0; i < 1 + random.below(4); i++) {
    const at = random.below(lines.length)
    switch (random.below(5)) {
      case 0:
        lines.splice(at, 1 + random.below(3))
        break
      case 1:
        lines.splice(at, 0, ...lines.slice(at, at + 1 + random.below(3)))
        break
      case 2:
        lines.splice(random.below(lines.length), 0, lines[at] ?? '')
        break
      case 3:
        lines.length = Math.max(1, at)
        break
      default:
        lines[at] = `${' '.repeat(random.below(5))}${random.pick(ODD_WORDS)}`
    }
    if (lines.length === 0) lines.push('')
  }
  return lines.join(random.oneIn(10) ? '\r\n' : '\n')
}

/** A text or bytes damaged as it suits them. */
export function mutateFile(random: Random, bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('utf8')
  if (random.oneIn(2) && /^\s*[[{]/.test(text)) {
    try {
      return Buffer.from(JSON.stringify(mutateTree(random, JSON.parse(text))) ?? 'null')
    } catch {
      // begins like JSON and is none
    }
  }
  return Buffer.from(mutateText(random, text))
}
