import type { InputText } from '../../input/index.ts'

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

/** Takes pasted output apart: lines, each with the prompt it stands under. */
export function pastedLines({ name, text }: InputText): readonly PastedLine[] {
  let host = ''
  let command = ''
  return text.split(/\r?\n/).flatMap((line, i) => {
    const prompt = PROMPT.exec(line.trim())?.groups
    if (prompt !== undefined) {
      host = prompt['host'] ?? host
      command = prompt['command'] ?? ''
      return []
    }
    return line.trim() === '' ? [] : [{ text: line, at: `${name}:${i + 1}`, host, command }]
  })
}
