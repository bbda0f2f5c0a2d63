const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/

/** Powers of ten of decimal suffixes. */
const TENS: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
/** Powers of 1024 of binary suffixes. */
const BINARY = 'KMGTPE'

/** Digits beyond which a number is more than any bound anybody has. */
const MOST_DIGITS = 40

/**
 * A quantity of Kubernetes (`500m`, `1.5k`, `4Gi`, `1e3`) as a whole number, rounded away from zero; undefined where it is
 * none. What is beyond 64 bits is some number beyond them.
 *
 * @k8s apimachinery/pkg/api/resource
 */
export function quantityOf(text: string): bigint | undefined {
  const found = QUANTITY.exec(text)
  if (found === null) return undefined
  const [, sign, whole = '', fraction = '', suffix = '', exponent = '0'] = found
  if (whole === '' && fraction === '') return undefined
  const binary = suffix.endsWith('i') ? 1n << BigInt(10 * (BINARY.indexOf(suffix[0]!) + 1)) : 1n
  const mantissa = BigInt(whole + fraction) * binary
  const tens = (suffix.endsWith('i') ? 0 : (TENS[suffix] ?? 0)) + Number(exponent) - fraction.length
  const size = scaled(mantissa, tens)
  return sign === '-' ? -size : size
}

/** `mantissa` times a power of ten, rounded up. */
function scaled(mantissa: bigint, tens: number): bigint {
  if (mantissa === 0n) return 0n
  if (tens >= 0) return mantissa * 10n ** BigInt(Math.min(tens, MOST_DIGITS))
  if (-tens > MOST_DIGITS + String(mantissa).length) return 1n
  const parts = 10n ** BigInt(-tens)
  return (mantissa + parts - 1n) / parts
}

/** A quantity brought within bounds; undefined where it is none. */
export function quantityWithin(text: string, least: number, most: number): number | undefined {
  const quantity = quantityOf(text)
  if (quantity === undefined) return undefined
  return quantity < BigInt(least) ? least : quantity > BigInt(most) ? most : Number(quantity)
}
