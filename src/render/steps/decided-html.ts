import { escapeXml } from '../escape.ts'
import type { PacketStep, StepFact, StepLookup, StepRule, StepSaid, StepWalk } from './packet-step.ts'

/** What was decided before a step: tables asked, chains walked, the neighbour used, connections, translations, the rest. */
export function decidedHtml(step: PacketStep): string {
  return [
    saidBlock('Decisions', step.decisions),
    ...step.lookups.map((lookup) => lookupBlock(lookup, step.reason)),
    translationBlock(step),
    chainBlock(step),
    neighbourBlock(step),
    connectionBlock(step),
    saidBlock('What else happened', step.others),
  ].join('')
}

/** A part of a step that opens. */
function block(title: string, body: string, open: boolean): string {
  return `<details${open ? ' open' : ''}><summary>${title}</summary>${body}</details>\n`
}

/** Facts with what made them, and the line of the input. */
function factsHtml(facts: readonly StepFact[]): string {
  return facts.map(factHtml).join('')
}

function factHtml({ text, from, source, origin }: StepFact): string {
  const made = from === undefined ? '' : `<div class="from">← ${escapeXml(from)}</div>`
  const line = origin?.line === undefined ? '' : `<span>${origin.line}</span> `
  const yaml = source === undefined ? '' : `<pre class="yaml">${line}${escapeXml(source)}</pre>`
  return `<div class="fact"><code>${escapeXml(text)}</code>${made}${yaml}</div>`
}

function saidBlock(title: string, said: readonly StepSaid[]): string {
  if (said.length === 0) return ''
  const items = said.map(
    ({ text, bad, facts }) =>
      `<li${bad ? ' class="bad"' : ''}>${bad ? '✗ ' : ''}${escapeXml(text)}${factsHtml(facts)}</li>`,
  )
  return block(title, `<ul>${items.join('')}</ul>`, true)
}

/** What the step has said already is not said again. */
function lookupBlock(lookup: StepLookup, said: string): string {
  const { kind, destination, source, table, reason, bad, candidates, facts } = lookup
  const from = source === '' ? '' : ` from ${escapeXml(source)}`
  const asked =
    kind === 'route' ? `: ${escapeXml(destination)}${from}${table === '' ? '' : `, table ${escapeXml(table)}`}` : ''
  const title = `${kind === 'route' ? 'Routing table' : 'Reverse path'}${asked}`
  const rows = candidates.map(
    ({ text, won, why }) =>
      `<tr${won ? ' class="won"' : ''}><td>${won ? '✓<span class="sr"> won</span>' : '–<span class="sr"> lost</span>'}</td><td><code>${escapeXml(text)}</code><div>${escapeXml(why)}</div></td></tr>`,
  )
  const list =
    rows.length === 0 ? '' : `<table><caption>Routes that contain the destination</caption>${rows.join('')}</table>`
  const why = `<p${bad ? ' class="bad"' : ''}>${bad ? '✗ ' : ''}${escapeXml(reason)}</p>`
  return block(title, `${said.includes(reason) && !bad ? '' : why}${list}${factsHtml(facts)}`, true)
}

function translationBlock({ translations }: PacketStep): string {
  if (translations.length === 0) return ''
  const items = translations.map(
    ({ side, from, to, reason, facts }) =>
      `<li>${side} <code>${escapeXml(from)}</code> becomes <code>${escapeXml(to)}</code><div>${escapeXml(reason)}</div>${factsHtml(facts)}</li>`,
  )
  return block('Address translation', `<ul>${items.join('')}</ul>`, true)
}

function chainBlock({ walks, end }: PacketStep): string {
  if (walks.length === 0) return ''
  const rules = walks.reduce((sum, walk) => sum + walk.rules.length, 0)
  const title = `Chains walked: ${walks.length} ${walks.length === 1 ? 'table' : 'tables'}, ${rules} rules looked at`
  return block(title, walks.map(walkHtml).join(''), end?.bad === true)
}

function walkHtml({ hook, table, tool, verdict, rules }: StepWalk): string {
  const how = verdict === '' ? '' : `: ${escapeXml(verdict)}`
  return `<h5>${tool} ${escapeXml(table)}, ${hook}${how}</h5><table class="rules">${rules.map(ruleRow).join('')}</table>`
}

function ruleRow({ chain, position, text, matched, decision, facts }: StepRule): string {
  const mark = matched ? '●<span class="sr"> matched</span>' : '○<span class="sr"> no match</span>'
  const place = position === 0 ? 'policy' : String(position)
  const from = facts.find((fact) => fact.source !== undefined)
  const said = decision === undefined ? '' : `<div>${escapeXml(decision)}</div>`
  const yaml = from === undefined ? '' : factHtml({ ...from, text: chain })
  return `<tr${matched ? ' class="won"' : ''}><td>${mark}</td><td>${place}</td><td><code>${escapeXml(text)}</code>${said}${yaml}</td></tr>`
}

function neighbourBlock({ neighbour }: PacketStep): string {
  if (neighbour === undefined) return ''
  const { address, lladdr, state, waited, reason, facts } = neighbour
  const entry = [address, lladdr === '' ? '' : `lladdr ${lladdr}`, state].filter((part) => part !== '').join(' ')
  const held = waited ? '<p>The packet waited here until the answer came.</p>' : ''
  return block(
    'Neighbour',
    `<p><code>${escapeXml(entry)}</code></p><p>${escapeXml(reason)}</p>${held}${factsHtml(facts)}`,
    true,
  )
}

function connectionBlock({ connections }: PacketStep): string {
  if (connections.length === 0) return ''
  const rows = connections.map(
    ({ state, isNew, original, reply }) =>
      `<tr><td>${escapeXml(state)}${isNew ? ', made for this packet' : ''}</td><td><code>${escapeXml(original)}</code><div>back: <code>${escapeXml(reply)}</code></div></td></tr>`,
  )
  return block('Connection tracking', `<table>${rows.join('')}</table>`, false)
}
