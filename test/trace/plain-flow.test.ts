// The flow of a plain frame is read from its bytes; its headers, taken apart, say the same.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flowOf } from '../../src/trace/flow.ts'
import { headersOf } from '../../src/trace/layers.ts'
import { plainFlowOf } from '../../src/trace/plain-flow.ts'
import { LINK_TYPE, parseHex } from '../../src/wire/index.ts'
import { runs } from '../properties/run.ts'

/** An echo request from 10.1.0.2 to 10.1.0.66, identifier 7, sequence number 3. */
const ECHO = parseHex(
  '02000000000202000000000108004500002400014000400166920a0100020a0100420800abcd00070003000102030405060708',
) as Uint8Array

const TYPE_AT = 34

describe('the flow of a plain frame', () => {
  it('is who asks whom, and in which message', () => {
    const source = '10.1.0.2'
    const destination = '10.1.0.66'
    const flow = { protocol: 'icmp', source, destination, from: '7/3', to: '7/3', type: 8, code: 0 }
    expect(plainFlowOf(ECHO, LINK_TYPE.ETHERNET)).toEqual(flow)
    expect(flowOf(headersOf(ECHO, LINK_TYPE.ETHERNET))).toEqual(flow)
  })

  it('is that of its headers, or is not told, whatever stands in it', () => {
    const change = fc.tuple(fc.nat(ECHO.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 4, 8, 0x45, 0x46)))
    const length = fc.oneof(fc.constant(ECHO.length), fc.nat(ECHO.length))
    const linkType = fc.constantFrom<number>(LINK_TYPE.ETHERNET, LINK_TYPE.ETHERNET, LINK_TYPE.RAW)
    let told = 0
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), length, linkType, (changes, end, link) => {
        const bytes = ECHO.slice(0, end)
        for (const [at, value] of changes) if (at < end) bytes[at] = value
        const flow = plainFlowOf(bytes, link)
        if (flow === undefined) return
        told++
        expect(flow).toEqual(flowOf(headersOf(bytes, link)))
      }),
      runs(3000),
    )
    expect(told).toBeGreaterThan(100)
  })

  it('is not told of other messages: their headers are looked at', () => {
    const error = ECHO.slice()
    error[TYPE_AT] = 3
    expect(plainFlowOf(error, LINK_TYPE.ETHERNET)).toBeUndefined()
    expect(flowOf(headersOf(error, LINK_TYPE.ETHERNET))).toMatchObject({ type: 3, from: '' })
  })
})
