import { BlockList, isIP } from 'node:net';

/** Who is really at the other end of a connection, behind the proxies that the operator trusts. */
export interface ClientEnd {
  readonly address: string | undefined;
  readonly secure: boolean;
}

export interface ProxyTrust {
  /**
   * @param peer address of the socket's other end
   * @param forwardedFor the whole `X-Forwarded-For`, several fields joined by commas
   * @param forwardedProto the whole `X-Forwarded-Proto`
   */
  resolve(
    peer: string | undefined,
    secure: boolean,
    forwardedFor: string | undefined,
    forwardedProto: string | undefined,
  ): ClientEnd;
}

/**
 * Believes `X-Forwarded-For` only as far as trusted proxies wrote it: from its right end up to the first address that is
 * not one of theirs, since whatever stands left of that was written by somebody unknown. An entry that is no address makes
 * the client unknown, which is no identity. Does not read `Forwarded` (RFC 7239): a proxy that sends only that is not
 * understood, and its clients all have the proxy's address.
 *
 * @param proxies addresses and networks, such as `127.0.0.1`, `10.0.0.0/8`, `fd00::/8`
 * @throws TypeError for an entry that is neither
 */
export function createProxyTrust(proxies: readonly string[]): ProxyTrust {
  const trusted = new BlockList();
  for (const entry of proxies) add(trusted, entry);
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return {
    resolve: (peer, secure, forwardedFor, forwardedProto) => {
      const own = peer === undefined ? undefined : plain(peer);
      if (own === undefined || isIP(own) === 0 || !isTrusted(own)) return { address: own, secure };
      const protos = forwardedProto?.split(',');
      const encrypted = protos ? protos.at(-1)!.trim().toLowerCase() === 'https' : secure;
      if (forwardedFor === undefined) return { address: own, secure: encrypted };
      const hops = forwardedFor.split(',');
      let address: string = own;
      for (let i = hops.length - 1; i >= 0; i--) {
        const hop = plain(hops[i]!.trim());
        if (isIP(hop) === 0) return { address: undefined, secure: encrypted };
        address = hop;
        if (!isTrusted(hop)) break;
      }
      return { address, secure: encrypted };
    },
  };
}

function add(list: BlockList, entry: string): void {
  const slash = entry.indexOf('/');
  const address = slash < 0 ? entry : entry.slice(0, slash);
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const prefix = slash < 0 ? bits : entry.slice(slash + 1);
  if (version === 0 || !/^\d{1,3}$/.test(String(prefix)) || Number(prefix) > bits || Number(prefix) === 0)
    throw new TypeError(
      `the trusted proxy ${JSON.stringify(entry)} must be an address or a network such as 10.0.0.0/8; /0 would trust everybody`,
    );
  list.addSubnet(address, Number(prefix), version === 6 ? 'ipv6' : 'ipv4');
}

/** An IPv4 address that a dual-stack socket wrote as IPv6 is the IPv4 address; ports and brackets are not part of one. */
function plain(address: string): string {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address);
  if (mapped) return mapped[1]!;
  const withPort =
    /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(address) ?? /^\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?$/.exec(address);
  return withPort ? withPort[1]! : address;
}
