import type { InputText } from '../../input/index.ts'
import { commandIn, targetOf } from './commands.ts'

/** A line of pasted output, with where it stands and what printed it, as far as a prompt says. */
export interface PastedLine {
  readonly text: string
  /** `FILE:LINE`. */
  readonly at: string
  /** Machine or pod of the prompt before it; '' where none was. */
  readonly host: string
  /** Command behind that prompt; '' where none was. */
  readonly command: string
}

/** `node01$ ip route`, `root@node01:~# ip route`, `[root@node01 ~]# ip route`, `$ ip route`, `ubuntu@node01:~$ ip route`. */
const PROMPT = /^(?:\[?(?:[\w.-]+@)?(?<host>[\w][\w./-]*)(?:[: ][^\]$#]*)?\]?)?[$#] (?<command>[a-z.][^\n]*)$/

/** `/ # ping`, `~ $ ping`, `bash-5.1# ping`, `sh-4.4$ ping`: a shell in a pod, which does not say in which. */
const BARE = /^(?:[~/]\S* |(?:ba)?sh-[\d.]+)[$#] (?<command>[a-z.][^\n]*)$/

/** Colours of a terminal. */
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*[A-Za-z]`, 'g')
/** Times that `kubectl logs --timestamps` and journals write before a line. */
const STAMP = /^\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\s+/

/** Headings that name what was asked, where no prompt does. */
const PING = /^PING \S+?(?: ?\((?<to>[0-9a-fA-F.:]+)\)\)?)?.*?[: ](?:(?<size>\d+)\(\d+\)|(?<plain>\d+)) (?:data )?bytes/
const TRACE = /^traceroute6? to \S+ \((?<to>[0-9a-fA-F.:]+)\)/

/** The command that a heading stands for; undefined where it is none. */
function headed(line: string): string | undefined {
  const ping = PING.exec(line)?.groups
  if (ping !== undefined) return `ping -s ${ping['size'] ?? ping['plain'] ?? '56'} ${ping['to'] ?? ''}`.trim()
  const trace = TRACE.exec(line)?.groups
  return trace === undefined ? undefined : `traceroute ${trace['to'] ?? ''}`
}

/** Takes pasted output apart: lines, each with the prompt it stands under. */
export function pastedLines({ name, text }: InputText): readonly PastedLine[] {
  let host = ''
  let shell = ''
  let command = ''
  let typed = ''
  return text.split(/\r\n|\n|\r/).flatMap((raw, i) => {
    const line = raw.replace(COLOURS, '').replace(STAMP, '')
    const bare = BARE.exec(line.trim())?.groups
    const prompt = bare ?? PROMPT.exec(line.trim())?.groups
    if (prompt !== undefined) {
      shell = bare === undefined ? (prompt['host'] ?? shell) : ''
      ;({ host, command } = commandIn(prompt['command'] ?? '', shell))
      typed = command
      return []
    }
    const heading = headed(line.trim())
    // What was typed says more than a heading, where both are of one address.
    const isTyped = typed === command && /^(?:ping|traceroute|tracepath|mtr)/.test(typed)
    if (heading !== undefined && !(isTyped && targetOf(typed) === targetOf(heading))) command = heading
    return line.trim() === '' ? [] : [{ text: line, at: `${name}:${i + 1}`, host, command }]
  })
}
