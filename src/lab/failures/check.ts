import type { Confirmation, FailureAsk, Injection, ShownFlow } from '../../failures/index.ts'
import { InputError } from '../../model/index.ts'
import { Shell } from '../../shell/index.ts'
import type { Lab } from '../lab.ts'
import { askFor } from './look.ts'

/** What a command prints that confirms a failure, typed after somebody has asked; what listens is typed before. */
export function printedBy(lab: Lab, { host, line }: Confirmation, flow: ShownFlow | undefined): string {
  return printedWhile(lab, host, line, () => {
    if (flow !== undefined && canBeAsked(lab, flow.ask)) askFor(lab, flow.ask)
  })
}

/** What a command prints on a host while something is asked: tcpdump is typed before and waits, all else is typed after. */
export function printedWhile(lab: Lab, host: string, line: string, ask: () => void): string {
  if (!line.startsWith('tcpdump ')) {
    ask()
    const { stdout, stderr } = lab.sh(host, line)
    return `${stdout}${stderr}`
  }
  const shell = new Shell(lab, host)
  const begun = shell.execute(`${line} &`)
  ask()
  const { stdout, stderr } = shell.execute('fg')
  return `${begun.stderr}${stdout}${stderr}`
}

/** Whether both ends are there: a machine or a pod that an injection brings is not, before. */
export function canBeAsked(lab: Lab, { from, to }: Pick<FailureAsk, 'from' | 'to'>): boolean {
  try {
    return lab.endpoint(from).netns !== undefined && lab.endpoint(to) !== undefined
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

/** Whether an output says what a command was to show. */
export function isShown({ shows }: Confirmation, output: string): boolean {
  return new RegExp(shows, 'm').test(output)
}

/** Sets the scene of an injection: what is there before something goes wrong. */
export function setScene(lab: Lab, { steps }: Injection): void {
  for (const { event, isScene } of steps) if (isScene === true) lab.occur(event)
}
