// internal to the room
import { readU16 } from '../bytes.ts'
import {
  DNS_ADDITIONALS,
  DNS_ANSWERS,
  DNS_AUTHORITIES,
  DNS_FLAG,
  DNS_FLAGS,
  DNS_NXDOMAIN,
  DNS_TYPE,
  type DnsRecord,
  readDnsQuestion,
  readDnsRecords,
} from '../dns.ts'

const TYPE_NAMES: Readonly<Record<number, string>> = { [DNS_TYPE.A]: 'A', [DNS_TYPE.AAAA]: 'AAAA' }

/** A message with one question about an address, or its answer; undefined for all others. */
export function describeDns(message: Uint8Array, verbose: boolean): string | undefined {
  const asked = readDnsQuestion(message)
  const type = TYPE_NAMES[asked?.type ?? 0]
  if (asked === undefined || type === undefined) return undefined
  const flags = readU16(message, DNS_FLAGS)
  const others = [DNS_AUTHORITIES, DNS_ADDITIONALS].map((at) => readU16(message, at))
  if ((flags & DNS_FLAG.OPCODE) !== 0 || others.some((count) => count !== 0)) return undefined
  const answers = readDnsRecords(message, asked.end, readU16(message, DNS_ANSWERS))
  if (answers === undefined) return undefined
  const id = readU16(message, 0)
  const size = `(${message.length})`
  const question = `${type}? ${asked.name}.`
  if ((flags & DNS_FLAG.QR) === 0) return `${id}${(flags & DNS_FLAG.RD) === 0 ? '' : '+'} ${question} ${size}`
  const result = resultText(flags & DNS_FLAG.RCODE)
  if (result === undefined) return undefined
  const counts = `${answers.length}/0/0`
  const records = answers.map((record) => recordText(record, asked.name, verbose)).join(',')
  return `${id}${result}${markText(flags)} ${counts}${records} ${size}`
}

function resultText(code: number): string | undefined {
  if (code === 0) return ''
  return code === DNS_NXDOMAIN ? ' NXDomain' : undefined
}

/** `*` authority, `-` no recursion, `|` cut short, `$` authentic. */
function markText(flags: number): string {
  const marks = [
    (flags & DNS_FLAG.AA) === 0 ? '' : '*',
    (flags & DNS_FLAG.RA) === 0 ? '-' : '',
    (flags & DNS_FLAG.TC) === 0 ? '' : '|',
    (flags & DNS_FLAG.AD) === 0 ? '' : '$',
  ]
  return marks.join('')
}

function recordText({ type, address }: DnsRecord, name: string, verbose: boolean): string {
  return `${verbose ? ` ${name}.` : ''} ${TYPE_NAMES[type] ?? ''} ${address}`
}
