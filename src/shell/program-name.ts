/** A program as it is known by its name alone: `/sbin/ip`, `/usr/local/bin/calicoctl` and `./calicoctl` are `ip` and `calicoctl`. */
export function programName(word: string): string {
  return /^(?:\.\/|(?:\/usr(?:\/local)?)?\/s?bin\/|\/opt\/bin\/)([\w.-]+)$/.exec(word)?.[1] ?? word
}

/** Where `ssh` goes, and what is typed there; no command = a prompt. */
export interface SshLine {
  readonly name: string
  readonly command: string
}

const PLAIN = /^-[46AaCfgKknqTtvXxYy]+$/
const VALUED = /^-[bcDEeFIiJLlmOopQRSWw]$/

/** `ssh [OPTIONS] [USER@]HOST [COMMAND…]`: the options decide nothing here. */
export function sshLine(words: readonly string[]): SshLine {
  let at = 1
  while (at < words.length) {
    const word = words[at] as string
    if (VALUED.test(word)) at += 2
    else if (PLAIN.test(word) || /^-[Foilp]./.test(word)) at++
    else break
  }
  const [target = '', ...command] = words.slice(at)
  return { name: target.slice(target.indexOf('@') + 1), command: command.join(' ') }
}
