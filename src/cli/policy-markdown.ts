import type { PolicyReport } from '../lab/index.ts'
import { packetText, STAGES } from './policy-text.ts'

type Flow = Extract<PolicyReport, { kind: 'flow' }>
type Endpoint = Extract<PolicyReport, { kind: 'endpoint' }>
type Selection = Extract<PolicyReport, { kind: 'selection' }>

/** A report as Markdown, for tickets and wikis. */
export function policyMarkdown(report: PolicyReport): string {
  switch (report.kind) {
    case 'flow':
      return blocks(ofFlow(report))
    case 'endpoint':
      return blocks(ofEndpoint(report))
    case 'selection':
      return blocks(ofSelection(report))
  }
}

function blocks(all: readonly string[]): string {
  return `${all.join('\n\n')}\n`
}

/** Signs that mean something in a cell. */
function cell(text: string): string {
  return text.replace(/[\\|*_<>`[\]]/g, '\\$&').replaceAll('\n', ' ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `| ${head.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n')
}

function ofFlow({ from, to, flows, verdict, why }: Flow): string[] {
  const parts = flows.flatMap((flow) => [
    `### ${cell(packetText(flow))} (${cell(flow.destination)}): ${flow.verdict}`,
    table(
      ['endpoint', 'direction', 'verdict', 'why', 'where'],
      flow.ends.map((end) => {
        const rules = end.tiers.flatMap(({ policies }) => policies.flatMap(({ rule }) => rule?.place ?? []))
        const name = end.host ? `host endpoint ${end.endpoint}` : end.endpoint
        return [
          `${name} on ${end.node}`,
          `${end.direction}${STAGES[end.stage]}`,
          end.verdict,
          end.why,
          rules.at(-1) ?? '',
        ]
      }),
    ),
    ...flow.remarks.map(cell),
  ])
  return [`## ${cell(from)} → ${cell(to)}: ${verdict}`, ...parts, ...(why === undefined ? [] : [cell(why)])]
}

function ofEndpoint({ endpoint, parts, remarks }: Endpoint): string[] {
  const all = parts.flatMap(({ hostEndpoint, rules }) => [
    ...(hostEndpoint === undefined ? [] : [`### host endpoint ${cell(hostEndpoint)}`]),
    ...rules.flatMap(({ direction, stage, tiers, profiles }) => {
      const rows = tiers.flatMap(({ tier, policies, end }) => [
        ...policies.flatMap(({ title, order, staged, rules: list, place }) => {
          const name = `${title}${staged ? ' (staged)' : ''}`
          const own = list.length === 0 ? [{ index: 0, words: 'no rules', place }] : list
          return own.map((rule) => [
            tier,
            name,
            order === null ? '' : String(order),
            ruleNumber(rule.index),
            rule.words,
            rule.place,
          ])
        }),
        [tier, '', '', '', end === 'Pass' ? 'otherwise the next tier decides' : 'otherwise deny', ''],
      ])
      const ends = profiles.flatMap(({ profile, rules: list }) =>
        list.map(({ words }) => ['', `profile ${profile}`, '', '', words, '']),
      )
      const head = ['tier', 'policy', 'order', 'rule', 'what', 'where']
      return [`#### ${direction}${STAGES[stage]}`, table(head, [...rows, ...ends])]
    }),
  ])
  return [`## ${cell(endpoint)}`, ...all, ...remarks.map(cell)]
}

function ruleNumber(index: number): string {
  return index === 0 ? '' : String(index)
}

function ofSelection({ policies }: Selection): string[] {
  return policies.flatMap(({ title, tier, directions, selector, pods, hostEndpoints }) => {
    const ends = [...pods, ...hostEndpoints.map((name) => `host endpoint ${name}`)]
    const list = ends.length === 0 ? 'selects nothing' : ends.map((name) => `* ${cell(name)}`).join('\n')
    return [`## ${cell(title)}`, `tier ${cell(tier)}, ${directions.join(' and ')}; selector ${cell(selector)}`, list]
  })
}
