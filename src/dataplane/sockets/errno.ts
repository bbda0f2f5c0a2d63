/** Error numbers sockets report, by name. */
export type Errno =
  | 'EACCES'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EAFNOSUPPORT'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EDESTADDRREQ'
  | 'EHOSTDOWN'
  | 'EHOSTUNREACH'
  | 'EINVAL'
  | 'EISCONN'
  | 'EMSGSIZE'
  | 'ENETUNREACH'
  | 'ENOBUFS'
  | 'ENONET'
  | 'ENOPROTOOPT'
  | 'ENOTCONN'
  | 'EOPNOTSUPP'
  | 'EPERM'
  | 'EPIPE'
  | 'EPROTO'
  | 'ETIMEDOUT'

const TEXTS: Readonly<Record<Errno, string>> = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EDESTADDRREQ: 'Destination address required',
  EHOSTDOWN: 'Host is down',
  EHOSTUNREACH: 'No route to host',
  EINVAL: 'Invalid argument',
  EISCONN: 'Transport endpoint is already connected',
  EMSGSIZE: 'Message too long',
  ENETUNREACH: 'Network is unreachable',
  ENOBUFS: 'No buffer space available',
  ENONET: 'Machine is not on the network',
  ENOPROTOOPT: 'Protocol not available',
  ENOTCONN: 'Transport endpoint is not connected',
  EOPNOTSUPP: 'Operation not supported',
  EPERM: 'Operation not permitted',
  EPIPE: 'Broken pipe',
  EPROTO: 'Protocol error',
  ETIMEDOUT: 'Connection timed out',
}

/** What `strerror` says. */
export function strerror(errno: Errno): string {
  return TEXTS[errno]
}

/** What an ICMP error means to a socket: the error, and whether it is fatal to a connection. */
export interface IcmpMeaning {
  /** Error reported. */
  readonly errno: Errno
  /** Hard errors reach connected sockets that did not ask for the error queue. */
  readonly fatal: boolean
}

const soft = (errno: Errno): IcmpMeaning => ({ errno, fatal: false })
const hard = (errno: Errno): IcmpMeaning => ({ errno, fatal: true })

/** Meaning of the codes of destination unreachable. @linux net/ipv4/icmp.c icmp_err_convert */
const UNREACHABLE: readonly IcmpMeaning[] = [
  soft('ENETUNREACH'),
  soft('EHOSTUNREACH'),
  hard('ENOPROTOOPT'),
  hard('ECONNREFUSED'),
  soft('EMSGSIZE'),
  soft('EOPNOTSUPP'),
  hard('ENETUNREACH'),
  hard('EHOSTDOWN'),
  hard('ENONET'),
  hard('ENETUNREACH'),
  hard('EHOSTUNREACH'),
  soft('ENETUNREACH'),
  soft('EHOSTUNREACH'),
  hard('EHOSTUNREACH'),
  hard('EHOSTUNREACH'),
  hard('EHOSTUNREACH'),
]

/** What an ICMPv4 destination unreachable of this code means. */
export function meaningOfUnreachable(code: number): IcmpMeaning {
  return UNREACHABLE[code] ?? soft('EHOSTUNREACH')
}

/** Meaning of the codes of ICMPv6 destination unreachable. @linux net/ipv6/icmp.c tab_unreach */
const UNREACHABLE6: readonly IcmpMeaning[] = [
  soft('ENETUNREACH'),
  hard('EACCES'),
  soft('EHOSTUNREACH'),
  soft('EHOSTUNREACH'),
  hard('ECONNREFUSED'),
  hard('EACCES'),
  hard('EACCES'),
]

/** What an ICMPv6 error means to a socket. @linux net/ipv6/icmp.c icmpv6_err_convert */
export function meaningOfIcmpv6(type: number, code: number): IcmpMeaning {
  switch (type) {
    case 1:
      return UNREACHABLE6[code] ?? hard('EPROTO')
    case 2:
      return soft('EMSGSIZE')
    case 3:
      return soft('EHOSTUNREACH')
    case 4:
      return hard('EPROTO')
    default:
      return soft('EPROTO')
  }
}
