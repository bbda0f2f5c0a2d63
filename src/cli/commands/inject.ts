import { FAILURES, type FailureCode, type Injection, lineOf, objectsOf, timelineOf } from '../../failures/index.ts'
import { yamlText } from '../../input/index.ts'
import { askFor, type Injected, injected, invalid, type Lab, splitPort } from '../../lab/index.ts'
import { printableLines } from '../../model/index.ts'
import { renderText } from '../../render/index.ts'
import type { Run } from '../../shell/index.ts'
import type { INJECT_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { failuresText, injectionText } from '../injection-text.ts'
import { namespaceOf, openLab, type SourceOptions } from '../open-lab.ts'
import { standardOutput } from '../standard-stream.ts'
import { columnsOf, styleFor } from '../terminal.ts'

/** Options of `packetwalk inject`. */
export interface InjectCommandOptions extends SourceOptions {
  /** `--list`. */
  readonly list?: boolean
  /** `--at`. */
  readonly at?: string
  /** `--from`. */
  readonly from?: string
  /** `--to`, with `:PORT`. */
  readonly to?: string
  /** Form. */
  readonly output: (typeof INJECT_FORMATS)[number]
}

/** Brings a failure about and tells of it, or lists all. */
export function injectCommand(failure: string | undefined, options: InjectCommandOptions): number {
  if (options.list === true) return list(failure, options)
  if (failure === undefined) throw invalid('a failure, F01 to F91, or --list', 'none')
  const { lab } = openLab(options)
  const { at } = options
  const done = injected(lab, failure.toUpperCase() as FailureCode, at === undefined ? {} : { at })
  const asked = flowOf(lab, options)
  standardOutput.write(form(done, asked ?? done.run, options))
  if (asked !== undefined) return asked.ok ? EXIT.ok : EXIT.failed
  const { flows, checks } = done.report
  return [...flows, ...checks].every(({ fits }) => fits) ? EXIT.ok : EXIT.failed
}

function list(failure: string | undefined, { output }: InjectCommandOptions): number {
  const shown = failure === undefined ? FAILURES : FAILURES.filter(({ code }) => code === failure.toUpperCase())
  if (shown.length === 0) throw invalid('a failure, F01 to F91', `"${failure}"`)
  if (output === 'json') standardOutput.write(`${JSON.stringify(shown, null, 2)}\n`)
  else if (output === 'yaml') standardOutput.write(yamlText(shown))
  else if (output === 'text') standardOutput.write(failuresText(shown, styleFor(standardOutput.terminal)))
  else throw invalid('-o text, json or yaml beside --list', `-o ${output}`)
  return EXIT.ok
}

/** The flow that somebody wants to see instead of the one that shows the failure best. */
function flowOf(lab: Lab, options: InjectCommandOptions): Run | undefined {
  const { from, to } = options
  if (from === undefined && to === undefined) return undefined
  if (from === undefined || to === undefined) throw invalid('--from and --to, or neither', 'one of them')
  const namespace = namespaceOf(options)
  const split = splitPort(to)
  const ends = { from: lab.endpoint(from, namespace).label, to: lab.endpoint(split.to, namespace).label }
  if (split.port === undefined) return askFor(lab, { kind: 'ping', ...ends })
  const { number, protocol } = lab.port(ends.to, split.port.port, split.port.protocol)
  return askFor(lab, { kind: protocol === 'udp' ? 'udp' : 'tcp', ...ends, port: number })
}

function form({ report, injection }: Injected, run: Run | undefined, options: InjectCommandOptions): string {
  switch (options.output) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`
    case 'yaml':
      return printableLines(changedInput(injection))
    case 'timeline':
      return printableLines(yamlText(timelineOf(report.failure.code, injection)))
    case 'text': {
      const { terminal } = standardOutput
      const style = styleFor(terminal)
      const trace = run === undefined ? '' : renderText(run.trace, { view: 'hops', style, width: columnsOf(terminal) })
      return injectionText(report, trace, style)
    }
  }
}

/** Objects to give beside the input, and as comments what is done besides. */
function changedInput({ steps }: Injection): string {
  return steps
    .map((step) => {
      const objects = objectsOf(step)
      const said = `# ${step.says}\n`
      return objects.length === 0
        ? `${said}# ${lineOf(step)}\n`
        : objects.map((object, i) => `---\n${i === 0 ? said : ''}${yamlText(object)}`).join('')
    })
    .join('')
}
