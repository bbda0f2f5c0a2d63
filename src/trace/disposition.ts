import type { DispositionKind } from './trace.ts'

/** What a disposition means. */
export interface DispositionRule {
  /** Success or failure. */
  readonly ok: boolean
  /** Under what condition. */
  readonly when: string
}

/** Every disposition, whether it is a success, and when it holds; the first that holds counts. */
export const DISPOSITIONS: Readonly<Record<DispositionKind, DispositionRule>> = {
  answered: { ok: true, when: 'an answer to the request was taken in by the namespace that asked' },
  error: { ok: false, when: 'an ICMP error that quotes the request, or a TCP reset, reached the namespace that asked' },
  dropped: {
    ok: false,
    when: 'the request, or the answer to it, was dropped, and nobody told the namespace that asked',
  },
  delivered: { ok: true, when: 'the request was taken in, and its protocol asks for no answer' },
  'no-answer': { ok: false, when: 'nothing was dropped, but no answer came before the run ended' },
  'not-sent': { ok: false, when: 'the namespace that asked sent nothing' },
}
