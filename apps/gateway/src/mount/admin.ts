import type { Gateway } from '@sekisho/core';
import { auditRoutes } from '../admin/audit-routes.ts';
import { startAdmin, type Admin, type AdminRoute } from '../admin/listener.ts';
import { gatewayMetrics } from '../admin/metrics.ts';
import type { AdminSettings } from '../admin/settings.ts';
import type { Log } from '../cli/log.ts';
import type { AuditMount } from './audit.ts';

export type AdminMountOptions = {
  readonly settings: AdminSettings | undefined;
  readonly stateFolder: string;
  readonly configFile: string;
  readonly log: Log;
  readonly audit: AuditMount;
  readonly gateway: Gateway;
  readonly status: () => object;
  /** Reads the configuration again; undefined where nobody can. */
  readonly reload: (() => Promise<unknown>) | undefined;
  /** Routes of other parts. */
  readonly routes?: Readonly<Record<string, AdminRoute>>;
  /** Pages of other parts in the Prometheus text format. */
  readonly metrics?: readonly (() => string)[];
};

/** The port for whoever runs the gateway: health, metrics, status, reload, and what the writer of the record must do itself. */
export async function mountAdmin(options: AdminMountOptions): Promise<Admin | undefined> {
  const { settings = {}, audit, gateway, log } = options;
  if (settings.enabled === false) return undefined;
  const startedMs = performance.now();
  let up = false;
  void gateway.ready().then(() => (up = true));
  const isReady = (): boolean => up && audit.log?.state().lastError === undefined;
  const routes: Record<string, AdminRoute> = {
    '/livez': { method: 'GET', open: true, handle: () => ({ body: 'ok\n', contentType: 'text/plain' }) },
    '/readyz': {
      method: 'GET',
      open: true,
      handle: () =>
        isReady()
          ? { body: 'ok\n', contentType: 'text/plain' }
          : { status: 503, body: 'not ready\n', contentType: 'text/plain' },
    },
    '/metrics': {
      method: 'GET',
      handle: () => {
        const page = audit.metrics?.render(audit.log, audit.pumps);
        const own = gatewayMetrics(gateway.status(), (performance.now() - startedMs) / 1000);
        const more = (options.metrics ?? []).map((render) => render());
        return {
          body: [page?.body ?? '', own, ...more].join(''),
          contentType: page?.contentType ?? 'text/plain; version=0.0.4; charset=utf-8',
        };
      },
    },
    '/status': { method: 'GET', handle: () => ({ body: { ...options.status(), audit: auditStatus(audit) } }) },
    ...(options.reload === undefined ? {} : { '/reload': reloadRoute(options.reload, audit) }),
    ...auditRoutes(audit),
    ...options.routes,
  };
  return await startAdmin({
    stateFolder: options.stateFolder,
    host: settings.host ?? '127.0.0.1',
    port: settings.port ?? 0,
    routes,
    facts: { config: options.configFile, replica: audit.replica ?? null },
    onRefused: (path) => {
      log.warn({ path: path.slice(0, 100) }, 'the admin port was asked without its token');
      audit.note({ type: 'admin.refused', outcome: 'denied' });
    },
    onError: (error, path) => log.error({ error: String(error), path }, 'a request of the admin port failed'),
  });
}

function reloadRoute(reload: () => Promise<unknown>, audit: AuditMount): AdminRoute {
  return {
    method: 'POST',
    handle: async () => {
      await audit.record({ type: 'admin.reload', outcome: 'ok' });
      await reload();
      return { body: { status: 'read' } };
    },
  };
}

/** Figures of the record, without its errors' insides. */
function auditStatus({ log, replica, pumps }: AuditMount): object {
  if (log === undefined) return { enabled: false };
  const { lastError, lastSignerError, ...state } = log.state();
  return {
    enabled: true,
    replica,
    directory: log.directory,
    origin: log.origin,
    verifierKey: log.verifierKey,
    ...state,
    failing: lastError !== undefined,
    signerFailing: lastSignerError !== undefined,
    sinks: pumps.map((pump) => ({ ...pump.state(), lastError: undefined })),
  };
}
