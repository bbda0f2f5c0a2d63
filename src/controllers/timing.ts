import type { ControllersTiming } from './controller.ts'

const SECOND = 1e9

/** How long things take on a machine that has the images. */
export const USUAL_TIMING: ControllersTiming = {
  sandbox: 0.3 * SECOND,
  start: 1 * SECOND,
  ready: 1 * SECOND,
  end: 'grace',
  silence: 40 * SECOND,
  lostNode: 40 * SECOND,
}

/** Everything at once. */
export const NO_TIMING: ControllersTiming = {
  sandbox: 0,
  start: 0,
  ready: 0,
  end: 0,
  silence: 0,
  lostNode: 0,
  isInstant: true,
}
