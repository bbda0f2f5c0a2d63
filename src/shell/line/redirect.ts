import { changeState } from '../change.ts'
import type { Host } from '../host.ts'
import { failed, reprinted } from '../result.ts'
import type { Run } from '../run.ts'
import type { Redirect } from './parse.ts'

/** Where a stream goes. */
type Sink = 'stdout' | 'stderr' | { readonly target: string; readonly append: boolean }

/** Where the streams of a command go. */
export interface Sinks {
  readonly stdout: Sink
  readonly stderr: Sink
}

/** A redirection of output with its file's name as it is. */
export type OutRedirect = Extract<Redirect, { readonly kind: 'out' | 'join' }>

/** Where the streams go, the redirections taken from left to right: `> FILE 2>&1` is not `2>&1 > FILE`. */
export function sinksOf(redirects: readonly OutRedirect[]): Sinks {
  let sinks: Sinks = { stdout: 'stdout', stderr: 'stderr' }
  for (const one of redirects) {
    if (one.kind === 'join')
      sinks = one.stream === 'stderr' ? { ...sinks, stderr: sinks.stdout } : { ...sinks, stdout: sinks.stderr }
    else {
      const { stream, target, append } = one
      const sink = { target, append }
      sinks = { stdout: stream === 'stderr' ? sinks.stdout : sink, stderr: stream === 'stdout' ? sinks.stderr : sink }
    }
  }
  return sinks
}

/** Opens the files before the command runs, as a shell does: one that cannot be written keeps the command from running. */
export function opened(host: Host, sinks: Sinks): Run | undefined {
  for (const sink of new Set([sinks.stdout, sinks.stderr])) {
    if (typeof sink === 'string' || isProc(host, sink.target)) continue
    const fault = host.files.write(sink.target, '', sink.append)
    if (fault !== undefined) return failed(`bash: ${sink.target}: ${fault.fault}`)
  }
  return undefined
}

/** Sends what a command printed where it goes. */
export function redirected(host: Host, run: Run, { stdout, stderr }: Sinks): Run {
  if (stdout === 'stdout' && stderr === 'stderr') return run
  const shown = { stdout: '', stderr: '' }
  const files: { readonly target: string; readonly text: string }[] = []
  const send = (text: string, sink: Sink): void => {
    if (typeof sink === 'string') shown[sink] += text
    else if (text !== '') files.push({ target: sink.target, text })
  }
  send(run.stdout, stdout)
  send(run.stderr, stderr)
  let result = run
  for (const { target, text } of files) {
    const fault = written(host, target, text)
    if (fault !== undefined) result = fault
  }
  if (result !== run) return result
  return reprinted(run, shown)
}

function written(host: Host, target: string, text: string): Run | undefined {
  if (isProc(host, target)) {
    const changed = changeState(host, `echo ${text.trim()} > ${host.files.path(target)}`)
    return changed.exitCode === 0 ? undefined : changed
  }
  // The file was emptied when it was opened.
  const fault = host.files.write(target, text, true)
  return fault === undefined ? undefined : failed(`bash: ${target}: ${fault.fault}`)
}

const isProc = (host: Host, target: string): boolean => host.files.path(target).startsWith('/proc/')
