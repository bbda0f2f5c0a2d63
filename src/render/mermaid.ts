import { checkOptions, printable } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'
import { checkTrace } from '../trace/index.ts'
import { briefFrame } from './brief.ts'
import { assumedPlaces, noteLines } from './notes.ts'
import { type PathEvent, pathEvents } from './path-events.ts'
import type { PictureOptions } from './svg.ts'

/** A trace as a Mermaid sequence diagram: namespaces in path order, an arrow a frame, notes for decisions. */
export function renderMermaid(trace: Trace, options: Pick<PictureOptions, 'switches'> = {}): string {
  checkTrace(trace)
  checkOptions(options)
  const events = pathEvents(trace, options)
  const names = participants(trace, events)
  const assumed = assumedPlaces(trace)
  const ids = new Map(names.map((name, i) => [name, `n${i}`]))
  const lines = [
    'sequenceDiagram',
    ...names.map((name) => `  participant ${ids.get(name)} as ${safe(name)}${assumed.has(name) ? ' (assumed)' : ''}`),
  ]
  for (const event of events) lines.push(...eventLines(event, (name) => ids.get(name) ?? 'n0'))
  const ends = [ids.get(names[0] ?? ''), ids.get(names.at(-1) ?? '')].join(',')
  const notes = noteLines(trace)
  if (notes.length > 0) lines.push(`  Note over ${ends}: ${notes.map(safe).join('<br/>')}`)
  lines.push(`  Note over ${ends}: ${safe(trace.summary)}`)
  return names.length === 0 ? 'sequenceDiagram\n' : `${lines.join('\n')}\n`
}

function participants(trace: Trace, events: readonly PathEvent[]): readonly string[] {
  const used = new Set<string>()
  for (const event of events) {
    if (event.kind === 'wire') used.add(event.from.netns).add(event.to.netns)
    if (event.kind === 'inside') used.add(event.to.netns)
    if (event.kind === 'end' || event.kind === 'note' || event.kind === 'service') used.add(event.at.netns)
  }
  return trace.nodes.map((node) => node.name).filter((name) => used.has(name))
}

function eventLines(event: PathEvent, id: (name: string) => string): string[] {
  switch (event.kind) {
    case 'section':
      return []
    case 'wire': {
      const arrow = event.role === 'request' || event.role === 'resolution' ? '->>' : '-->>'
      return [`  ${id(event.from.netns)}${arrow}${id(event.to.netns)}: ${safe(briefFrame(event.frame))}`]
    }
    case 'service':
      return [`  Note over ${id(event.at.netns)}: ◆ ${safe(event.name)}<br/>${safe(event.choice)}`]
    case 'inside':
    case 'note':
    case 'end': {
      const netns = event.kind === 'inside' ? event.to.netns : event.at.netns
      const said = event.decisions.filter((text) => text !== '')
      if (event.kind === 'end') said.push(event.good ? event.text : `✗ ${event.text}`)
      return said.length === 0 ? [] : [`  Note over ${id(netns)}: ${said.map(safe).join('<br/>')}`]
    }
  }
}

/** Text that Mermaid takes as text: a semicolon ends its statements, a hash starts its entities. */
function safe(text: string): string {
  return printable(text.replace(/\s+/g, ' ')).replace(/[#;<]/g, (char) => `#${char.charCodeAt(0)};`)
}
