import { decodeText } from '../../input/index.ts'
import { invalid, type Lab, splitPort } from '../../lab/index.ts'
import {
  type Diagnosis,
  diagnoseLab,
  diagnosisMarkdown,
  diagnosisText,
  type Question,
} from '../../troubleshoot/index.ts'
import type { DIAGNOSE_FORMATS, SYMPTOMS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { readBytes } from '../files.ts'
import { namespaceOf, openLab, type SourceOptions } from '../open-lab.ts'
import { checkOutput, writeOutput } from '../output-file.ts'
import { standardOutput } from '../standard-stream.ts'

/** Options of `packetwalk diagnose`. */
export interface DiagnoseOptions extends SourceOptions {
  /** Who asks. */
  readonly from?: string
  /** Who is asked, with `:PORT` for TCP and `:PORT/udp` for UDP. */
  readonly to?: string
  /** `--symptom`. */
  readonly symptom?: (typeof SYMPTOMS)[number]
  /** `--evidence`. */
  readonly evidence?: readonly string[]
  /** `-o`. */
  readonly output: (typeof DIAGNOSE_FORMATS)[number]
  /** `-w`. */
  readonly write?: string
}

const STATUS: Readonly<Record<Diagnosis['verdict'], number>> = {
  healthy: EXIT.ok,
  cause: EXIT.failed,
  undecided: EXIT.unknown,
}

/** Says what could make something happen; status 0: nothing, 1: a cause, 3: undecided. */
export function diagnoseCommand(options: DiagnoseOptions): number {
  const { evidence: files = [], write } = options
  const evidence = files.map((name) => ({ name, text: decodeText(readBytes(name)) }))
  if (write !== undefined) checkOutput(write)
  const { lab } = openLab(options)
  const diagnosis = diagnoseLab(lab, { ...questionOf(lab, options), evidence })
  const written = rendered(diagnosis, options)
  if (write === undefined) standardOutput.write(written)
  else writeOutput(write, written)
  return STATUS[diagnosis.verdict]
}

function questionOf(lab: Lab, { from, to, symptom, ...source }: DiagnoseOptions): Question {
  const seen = symptom === undefined ? {} : { symptom }
  if ((from === undefined) !== (to === undefined))
    throw invalid('both --from and --to, or neither', from === undefined ? '--to alone' : '--from alone')
  if (from === undefined || to === undefined) return seen
  const namespace = namespaceOf(source)
  const { to: host, port } = splitPort(to)
  const ends = { from: lab.endpoint(from, namespace).label, to: lab.endpoint(host, namespace).label }
  if (port === undefined) return { ...ends, ...seen }
  const numbered = lab.port(ends.to, port.port, port.protocol)
  return { ...ends, ...seen, port: numbered.number, protocol: numbered.protocol }
}

function rendered(diagnosis: Diagnosis, { output }: DiagnoseOptions): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(diagnosis, null, 2)}\n`
    case 'md':
      return diagnosisMarkdown(diagnosis)
    case 'text':
      return diagnosisText(diagnosis)
  }
}
