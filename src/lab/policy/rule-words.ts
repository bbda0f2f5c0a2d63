import type { IcmpMatch, PolicyBook, PolicyRule, ProtocolMatch, SetId, SideMatch } from '../../control/index.ts'
import { protocolText } from '../../linux/index.ts'
import type { PortRange } from '../../model/index.ts'

/** What a set stands for, in words. */
type SetWords = (id: SetId) => string

/** Words of sets: what they were made for. */
export function setWordsOf(book: PolicyBook): SetWords {
  return (id) => book.set(id, 4).origin?.note ?? id
}

/** A rule in words: `Allow TCP from addresses of what role == "web" selects to port 5432`. */
export function ruleWords(rule: PolicyRule, setWords: SetWords): string {
  const parts = [
    rule.action,
    rule.ipVersion === undefined ? '' : `IPv${rule.ipVersion}`,
    rule.protocol === undefined ? '' : protocolWord(rule.protocol),
    rule.notProtocol === undefined ? '' : `any protocol but ${protocolWord(rule.notProtocol)}`,
    rule.icmp === undefined ? '' : icmpWords(rule.icmp),
    rule.notIcmp === undefined ? '' : `not ${icmpWords(rule.notIcmp)}`,
    sideWords('from', rule.source, setWords),
    sideWords('to', rule.destination, setWords),
  ].filter((part) => part !== '')
  return parts.length === 1 ? `${rule.action} anything` : parts.join(' ')
}

function protocolWord({ number, name }: ProtocolMatch): string {
  return (name ?? protocolText(number)).toUpperCase()
}

function icmpWords({ type, code }: IcmpMatch): string {
  return code === undefined ? `type ${type}` : `type ${type} code ${code}`
}

function portsText(ports: readonly PortRange[]): string {
  const texts = ports.map(({ low, high }) => (low === high ? String(low) : `${low}-${high}`))
  return `${texts.length === 1 && ports[0]?.low === ports[0]?.high ? 'port' : 'ports'} ${texts.join(', ')}`
}

/** What is asked of one side; '' when nothing is. */
function sideWords(preposition: string, side: SideMatch, setWords: SetWords): string {
  const addresses = [
    side.nets.join(' or '),
    ...side.sets.map(setWords),
    side.ipPortSets.map(setWords).join(' or '),
    side.notNets.length === 0 ? '' : `outside ${side.notNets.join(' and ')}`,
    ...side.notSets.map((id) => `none of the ${setWords(id)}`),
  ].filter((text) => text !== '')
  const ports = [side.ports.length === 0 ? '' : portsText(side.ports), ...side.namedPorts.map(setWords)]
    .filter((text) => text !== '')
    .join(' or ')
  const not = [side.notPorts.length === 0 ? '' : portsText(side.notPorts), ...side.notNamedPorts.map(setWords)]
    .filter((text) => text !== '')
    .join(' and ')
  const all = [addresses.join(', '), ports, not === '' ? '' : `any port but ${not}`].filter((text) => text !== '')
  return all.length === 0 ? '' : `${preposition} ${all.join(', ')}`
}
