import { isLoopback } from '@sekisho/auth';
import { danger, note, warning, type Check, type Facts } from './finding.ts';

const DAY_MS = 86_400_000;

function isExposed({ config }: Facts): boolean {
  const { host, trustedProxies } = config.settings.listen ?? {};
  return trustedProxies !== undefined || !isLoopback(host ?? '127.0.0.1');
}

/** Who can reach the gateway, and what crosses the network. */
export const exposureChecks: readonly Check[] = [
  {
    id: 'encrypted',
    title: 'What crosses the network is encrypted',
    when: 'deployment',
    find: (facts) => {
      const { tls, trustedProxies } = facts.config.settings.listen ?? {};
      if (!isExposed(facts) || tls !== undefined) return [];
      return trustedProxies === undefined
        ? [
            danger(
              'Others can reach the gateway, and it serves plain HTTP.',
              'Add "listen.tls" with a certificate and its key.',
            ),
          ]
        : [
            note(
              'A proxy ends TLS; between it and the gateway is plain HTTP.',
              'Keep both on one host or network, or add "listen.tls" too.',
            ),
          ];
    },
  },
  {
    id: 'certificate',
    title: 'The certificate is in force for at least two weeks',
    when: 'deployment',
    find: ({ certificateEndsMs, nowMs }) => {
      if (certificateEndsMs === undefined) return [];
      const days = Math.floor((certificateEndsMs - nowMs) / DAY_MS);
      if (days < 0) return [danger('The certificate has expired.', 'Renew it; it is taken up by itself.')];
      return days < 14 ? [warning(`The certificate ends in ${days} days.`, 'Renew it; it is taken up by itself.')] : [];
    },
  },
  {
    id: 'hosts',
    title: 'The names under which the gateway is served are listed',
    when: 'deployment',
    find: (facts) =>
      isExposed(facts) &&
      facts.config.settings.listen?.allowedHosts === undefined &&
      facts.config.settings.auth?.resource === undefined
        ? [
            danger(
              'Only loopback names are served, so nobody from outside is.',
              'Name the public host in "listen.allowedHosts".',
            ),
          ]
        : [],
  },
  {
    id: 'origins',
    title: 'Web pages that may call are named one by one, and by https',
    when: 'deployment',
    find: ({ config }) =>
      (config.settings.listen?.allowedOrigins ?? [])
        .filter(
          (origin) => origin.startsWith('http:') && !/^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/.test(origin),
        )
        .map((origin) =>
          warning(
            `Pages of ${origin} may call, and anybody on their way can change them.`,
            `Serve them by https, and name https://${origin.slice(7)}.`,
          ),
        ),
  },
  {
    id: 'proxies',
    title: 'Only single proxies are believed about who the client is',
    when: 'deployment',
    find: ({ config }) =>
      (config.settings.listen?.trustedProxies ?? [])
        .filter((network) => Number(network.split('/')[1] ?? 128) < (network.includes(':') ? 48 : 16))
        .map((network) =>
          warning(
            `Every address in ${network} is believed about who the client is.`,
            'Name the addresses of the proxies themselves.',
          ),
        ),
  },
  {
    id: 'upstream-encryption',
    title: 'Servers on the network are reached by https',
    when: 'deployment',
    find: ({ config }) =>
      config.servers.flatMap(({ spec }) => {
        if (spec?.kind !== 'http' || spec.enabled === false) return [];
        const url = URL.parse(spec.url);
        const plain = url?.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
        return plain
          ? [
              danger(
                `"${spec.name}" is reached by plain HTTP: others on the way read and change what passes.`,
                'Give it an https address.',
              ),
            ]
          : [];
      }),
  },
];
