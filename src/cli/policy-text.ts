import type { PolicyReport } from '../lab/index.ts'
import { printableLines } from '../model/index.ts'
import type { Style } from '../render/index.ts'

type Flow = Extract<PolicyReport, { kind: 'flow' }>
type OneFlow = Flow['flows'][number]
type End = OneFlow['ends'][number]
type Endpoint = Extract<PolicyReport, { kind: 'endpoint' }>
type Rules = Endpoint['parts'][number]['rules'][number]
type Selection = Extract<PolicyReport, { kind: 'selection' }>

/** A report for people. */
export function policyText(given: PolicyReport, style: Style): string {
  const report = printed(given)
  switch (report.kind) {
    case 'flow':
      return lines(flowLines(report, style))
    case 'endpoint':
      return lines(endpointLines(report, style))
    case 'selection':
      return lines(selectionLines(report, style))
  }
}

/** The report with nothing in it that a terminal would obey. */
function printed(report: PolicyReport): PolicyReport {
  const clean = (_key: string, value: unknown): unknown => (typeof value === 'string' ? printableLines(value) : value)
  return JSON.parse(JSON.stringify(report), clean) as PolicyReport
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line.trimEnd()}\n`).join('')
}

/** Stages in words, behind a direction. */
export const STAGES: Readonly<Record<End['stage'], string>> = {
  normal: '',
  forward: ' of what it forwards',
  untracked: ' before connection tracking',
  preDnat: ' before address translation',
}

function flowLines(report: Flow, style: Style): string[] {
  const { from, to, service, flows, verdict, why } = report
  const head = `${from} → ${to}${service === undefined ? '' : `, ${count(service.backends, 'endpoint')}`}`
  const all = flows.flatMap((flow) => ['', ...oneFlowLines(flow, style)])
  const last = why === undefined ? [] : ['', `${verdict}: ${why}`]
  return [style('heading', head), ...all, ...last]
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

/** `tcp 5432, 10.0.0.1 > 10.0.0.2`. */
export function packetText({ packet, protocol }: Pick<OneFlow, 'packet' | 'protocol'>): string {
  const port = packet.destinationPort === undefined ? '' : ` ${packet.destinationPort}`
  return `${protocol}${port}, ${packet.source} > ${packet.destination}`
}

function oneFlowLines(flow: OneFlow, style: Style): string[] {
  const { destination, verdict, ends, remarks } = flow
  const mark = verdict === 'allowed' ? style('good', verdict) : style('bad', verdict)
  const none = ends.length === 0 && remarks.length === 0 ? ['  no policy is asked'] : []
  return [
    `${packetText(flow)} (${destination}): ${mark}`,
    ...ends.flatMap((end, i) => endLines(end, i + 1, style)),
    ...remarks.map((remark) => `  ${remark}`),
    ...none,
  ]
}

function endLines(end: End, number: number, style: Style): string[] {
  const { endpoint, host, node, direction, stage, verdict, why, tiers } = end
  const name = host ? `host endpoint ${endpoint}` : endpoint
  const word = verdict === 'allow' ? 'allows' : verdict === 'deny' ? 'denies' : 'lets it go on'
  const title = `${String(number).padStart(2)} ${name} on ${node}, ${direction}${STAGES[stage]}: `
  return [
    `${title}${style(verdict === 'deny' ? 'bad' : 'good', word)}`,
    ...tiers.flatMap((tier) => tierLines(tier, style)),
    `     ${why}`,
  ]
}

function tierLines({ tier, policies, end, atEnd }: End['tiers'][number], style: Style): string[] {
  const asked = policies.flatMap(({ title, staged, rule }) => {
    const name = `     tier ${tier}: ${title}${staged ? ' (staged: decides nothing)' : ''}`
    if (rule === undefined) return [`${name}: no rule matches`]
    const place = rule.place === '' ? [] : [style('minor', `       ${rule.place}`)]
    return [`${name}: rule ${rule.index}: ${rule.words}`, ...place]
  })
  return atEnd && end === 'Pass' ? [...asked, `     end of tier ${tier}: passes it on`] : asked
}

function endpointLines({ endpoint, parts, remarks }: Endpoint, style: Style): string[] {
  const all = parts.flatMap(({ hostEndpoint, dev, rules }) => [
    style(
      'heading',
      hostEndpoint === undefined ? `${endpoint} (${dev})` : `${endpoint}: host endpoint ${hostEndpoint} (${dev})`,
    ),
    ...rules.flatMap((one) => rulesLines(one, style)),
  ])
  return [...(parts.length === 0 ? [style('heading', endpoint)] : all), ...remarks]
}

function rulesLines({ direction, stage, tiers, profiles }: Rules, style: Style): string[] {
  const out = [`  ${direction}${STAGES[stage]}`]
  for (const { tier, policies, end } of tiers) {
    out.push(`    tier ${tier}`)
    for (const { title, order, staged, place, rules } of policies) {
      const notes = [order === null ? '' : `order ${order}`, staged ? 'staged: never enforced' : ''].filter(
        (one) => one !== '',
      )
      out.push(
        `      ${title}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}${place === '' ? '' : style('minor', `   ${place}`)}`,
      )
      for (const { index, words } of rules) out.push(`        ${index === 0 ? '-' : index}. ${words}`)
      if (rules.length === 0) out.push('        no rules')
    }
    out.push(`      otherwise: ${end === 'Pass' ? 'the next tier decides' : 'deny'}`)
  }
  for (const { profile, rules } of profiles) {
    out.push(`    profile ${profile}`)
    for (const { words } of rules) out.push(`        ${words}`)
    if (rules.length === 0) out.push('        no rules')
  }
  return out
}

function selectionLines({ policies }: Selection, style: Style): string[] {
  return policies.flatMap(({ title, tier, directions, staged, selector, place, pods, hostEndpoints }) => {
    const kind = `tier ${tier}, ${directions.join(' and ')}${staged ? ', staged: never enforced' : ''}`
    const ends = [...pods, ...hostEndpoints.map((name) => `host endpoint ${name}`)]
    return [
      style('heading', `${title} (${kind})`),
      `  selector ${selector}${place === '' ? '' : style('minor', `   ${place}`)}`,
      ...(ends.length === 0 ? ['  selects nothing'] : ends.map((name) => `  ${name}`)),
    ]
  })
}
