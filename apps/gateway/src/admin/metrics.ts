import type { GatewayStatus } from '@sekisho/core';

/** What the gateway itself has to tell a Prometheus, in its text format 0.0.4. */
export function gatewayMetrics(status: GatewayStatus, uptimeSeconds: number): string {
  const states = new Map<string, number>();
  for (const { state } of status.upstreams) states.set(state, (states.get(state) ?? 0) + 1);
  const { rss, heapUsed } = process.memoryUsage();
  return [
    ...gauge(
      'sekisho_upstreams',
      'Servers by state.',
      [...states].map(([state, n]) => [`{state="${state}"}`, n]),
    ),
    ...gauge('sekisho_sessions', 'Sessions of legacy clients.', [['', status.sessions]]),
    ...gauge('sekisho_parked_calls', 'Calls that wait for an answer of their client.', [['', status.parkedCalls]]),
    ...gauge('process_resident_memory_bytes', 'Resident memory of the gateway.', [['', rss]]),
    ...gauge('sekisho_heap_used_bytes', 'Heap in use.', [['', heapUsed]]),
    ...gauge('sekisho_uptime_seconds', 'Since the gateway started.', [['', Math.round(uptimeSeconds)]]),
    '',
  ].join('\n');
}

function gauge(name: string, help: string, values: readonly (readonly [labels: string, value: number])[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...values.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}
