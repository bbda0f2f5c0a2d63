import { lossText } from '../diagnose/index.ts'
import { checkReport, confidenceText } from '../model/index.ts'
import { factsLine } from './deciders/facts-line.ts'
import type { Candidate, Decider, Diagnosis } from './diagnosis.ts'
import { DIAGNOSIS_FORM } from './diagnosis-form.ts'

/** A command with its place, as it is copied: behind a prompt. */
function commandText({ at, command }: Decider): string {
  return at === '' ? command : `${at}$ ${command}`
}

/** A code of the catalogue before a title. */
function titled({ failure, title }: { readonly failure?: string; readonly title: string }): string {
  return failure === undefined ? title : `${failure} ${title}`
}

function candidateLines(candidate: Candidate, number: number): string[] {
  const { likelihood, stage, end, where, object, because, right, confidence, decide } = candidate
  const place = [where, object].filter((part) => part !== '').join(', ')
  const lost = stage === 'nowhere' ? '' : `${stage}: ${lossText(candidate)}`
  const ended = end === undefined ? '' : `; the packet ends at ${end.stage}: ${lossText(end)}`
  return [
    `${number}. ${likelihood}: ${titled(candidate)}`,
    ...(lost === '' ? [] : [`   where   ${lost}${ended}`]),
    ...(place === '' ? [] : [`   at      ${place}`]),
    `   why     ${because} [${confidenceText(confidence)}]`,
    ...(right === '' ? [] : [`   right   ${right}`]),
    `   decide  ${commandText(decide)}`,
    `           if so: ${decide.ifSo}`,
    `           if not: ${decide.ifNot}`,
  ]
}

/** A diagnosis as text. */
export function diagnosisText(diagnosis: Diagnosis): string {
  checkReport('diagnosis', diagnosis, DIAGNOSIS_FORM)
  const { flow, symptom, summary, candidates, excluded, works, seen, unread, facts } = diagnosis
  const asked = [flow === '' ? 'the whole cluster' : flow, ...(symptom === undefined ? [] : [symptom])].join(': ')
  const shown = candidates.filter(({ likelihood }) => likelihood !== 'unlikely' || diagnosis.verdict !== 'cause')
  const lines = [
    asked,
    `${summary}.`,
    ...shown.flatMap((one, i) => ['', ...candidateLines(one, i + 1)]),
    ...(excluded.length === 0
      ? []
      : [
          '',
          'Excluded:',
          ...excluded.map((one) => `- ${titled(one)}: ${one.because} [${confidenceText(one.confidence)}]`),
        ]),
    ...(seen.length === 0 ? [] : ['', 'Read:', ...seen.map(({ at, says }) => `- ${says} (${at})`)]),
    ...(unread.length === 0 ? [] : ['', 'Not read:', ...unread.map((line) => `- ${line}`)]),
    ...(works.length === 0 || flow === '' ? [] : ['', `Works in the simulation: ${works.join('; ')}`]),
    ...(facts.length === 0
      ? []
      : [
          '',
          'Fetch these three facts, and give what they print to --evidence:',
          ...facts.flatMap((fact) => [`  ${commandText(fact)}`, `      ${fact.ifSo}; or ${fact.ifNot}`]),
          `In one line: ${factsLine(facts)}`,
        ]),
  ]
  return `${lines.join('\n')}\n`
}

/** A diagnosis as Markdown. */
export function diagnosisMarkdown(diagnosis: Diagnosis): string {
  checkReport('diagnosis', diagnosis, DIAGNOSIS_FORM)
  const { flow, symptom, summary, candidates, excluded, facts, seen } = diagnosis
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const rows = candidates.map((one) => {
    const { likelihood, where, because, confidence, decide } = one
    const columns = [
      likelihood,
      titled(one),
      `${one.stage} ${lossText(one)}`,
      where,
      `${because} (${confidenceText(confidence)})`,
      `\`${commandText(decide)}\`: ${decide.ifSo}`,
    ]
    return `| ${columns.map(cell).join(' | ')} |`
  })
  return [
    `## ${flow === '' ? 'The whole cluster' : flow}${symptom === undefined ? '' : `: ${symptom}`}`,
    '',
    `${summary}.`,
    ...(rows.length === 0
      ? []
      : [
          '',
          '| likelihood | failure | lost | where | why | decide |',
          '| --- | --- | --- | --- | --- | --- |',
          ...rows,
        ]),
    ...(excluded.length === 0
      ? []
      : [
          '',
          '### Excluded',
          '',
          ...excluded.map((one) => `- ${titled(one)}: ${one.because} (${confidenceText(one.confidence)})`),
        ]),
    ...(seen.length === 0 ? [] : ['', '### Read', '', ...seen.map(({ at, says }) => `- ${says} (${at})`)]),
    ...(facts.length === 0 ? [] : ['', '### Facts to fetch', '', '```console', factsLine(facts), '```']),
    '',
  ].join('\n')
}
