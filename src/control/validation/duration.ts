/** A duration as Go reads it: numbers with a unit, e.g. `1h2m0.5s`. @calico Go time.ParseDuration */
const GO_DURATION = /^[+-]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/

/** How the CRD has most durations of Felix: without fractions, signs and units below the millisecond. */
export const WHOLE_UNITS: RegExp = /^([0-9]+(ms|s|m|h))*$/

/** The same with fractions. */
export const DECIMAL_UNITS: RegExp = /^([0-9]+(\.[0-9]+)?(ms|s|m|h))*$/

/** Whether a value is a duration, written as a field wants it. */
export function isDuration(
  value: unknown,
  { written, notNegative }: { readonly written?: RegExp; readonly notNegative?: true },
): boolean {
  if (typeof value !== 'string' || !GO_DURATION.test(value)) return false
  if (notNegative && value.startsWith('-') && /[1-9]/.test(value)) return false
  return written?.test(value) ?? true
}
