import { checkArgument, checkFunction, checkOptions, checkText, checkTexts, InputError } from '../model/index.ts'
import type { Answer } from './answers.ts'
import { type Shown, shown } from './shown.ts'

/** How a prediction is asked for and judged. */
export interface PredictOptions {
  /** What there is to choose from; absent for a free value. */
  readonly choices?: readonly string[]
  /** What happens, read from a run; called when it is judged, never before. */
  readonly truth?: () => Answer
  /** Why it is so; called when it is judged. */
  readonly why?: () => string
}

/** What a prediction was worth. */
export interface Judgement extends Shown {
  /** Whether it was right. */
  readonly right: boolean
  /** What was predicted; '' when nothing was. */
  readonly given: string
  /** What happened. */
  readonly truth: string
  /** Why; '' when nobody said. */
  readonly why: string
}

/** A question before its answer is seen. */
export interface Prediction extends Shown {
  /** The question. */
  readonly question: string
  /** What there is to choose from; empty for a free value. */
  readonly choices: readonly string[]
  /** What was predicted; undefined before. */
  readonly given: string | undefined
  /** Puts a prediction down. It can be changed until it is judged. @throws InputError for what is none of the choices */
  readonly answer: (value: Answer) => Prediction
  /**
   * Judges it by what happened. Where nothing was predicted it says what happened, so that a notebook runs to its end unanswered.
   * @param truth - what happened; absent = what `predict` was told to ask
   * @throws InputError when nobody says what happened
   */
  readonly judge: (truth?: Answer) => Judgement
}

/**
 * Asks for a prediction before the result is seen. The truth is asked for when it is judged, never before.
 *
 * ```ts
 * const device = predict('By which device does the packet leave the node?', { choices: ['eth0', 'tunl0'] })
 * device.answer('tunl0')
 * const { trace } = scene('ipip').run()
 * device.judge(hopsOf(trace, 'encap')[0].dev)
 * ```
 */
export function predict(question: string, options: PredictOptions = {}): Prediction {
  checkText('question', question, 'the text of a question')
  checkOptions(options)
  const { choices = [], truth, why } = options
  checkTexts('options.choices', choices)
  if (truth !== undefined) checkFunction('options.truth', truth, 'a function that says what happened')
  if (why !== undefined) checkFunction('options.why', why, 'a function that says why')
  let given: string | undefined
  let judgement: Judgement | undefined
  const prediction: Prediction = shown({
    question,
    choices,
    get given() {
      return given
    },
    answer: (value: Answer) => {
      checkAnswer(choices, value)
      if (judgement !== undefined) throw wrong('answer', 'a prediction before the result was seen', String(value))
      given = String(value).trim()
      return prediction
    },
    judge: (seen?: Answer) => {
      const happened = seen ?? truth?.()
      if (happened === undefined) throw wrong('truth', 'what happened: judge(value), or the option truth', 'nothing')
      judgement = judgementOf(given ?? '', String(happened), why?.() ?? '')
      return judgement
    },
    toMarkdown: () => predictionMarkdown(question, choices, given, judgement),
  })
  return prediction
}

function wrong(name: string, expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file: '', path: [name], expected, received }])
}

function checkAnswer(choices: readonly string[], value: unknown): void {
  const isValue = (typeof value === 'string' && value.trim() !== '') || typeof value === 'number'
  checkArgument(isValue, 'value', 'a text or a number', value)
  const isChoice = choices.length === 0 || choices.some((one) => same(one, String(value)))
  checkArgument(isChoice, 'value', `one of ${choices.join(', ')}`, value)
}

function same(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase()
}

function judgementOf(given: string, truth: string, why: string): Judgement {
  const right = same(given, truth)
  const toMarkdown = (): string => {
    const guess = given === '' ? '**You made no prediction.**' : `**You predicted** ${given}.`
    const head = right ? `**As you predicted:** ${truth}.` : `${guess} **The answer:** ${truth}.`
    return `${why === '' ? head : `${head} ${why}`}\n`
  }
  return shown({ right, given, truth, why, toMarkdown })
}

function predictionMarkdown(
  question: string,
  choices: readonly string[],
  given: string | undefined,
  judgement: Judgement | undefined,
): string {
  const list = choices.map((one) => `- ${one}`)
  const said = given === undefined ? 'Your prediction: none yet' : `Your prediction: ${given}`
  const head = [`**Predict:** ${question}`, ...(list.length === 0 ? [] : [list.join('\n')]), said].join('\n\n')
  return judgement === undefined ? `${head}\n` : `${head}\n\n${judgement.toMarkdown()}`
}
