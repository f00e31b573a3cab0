import { createHmac } from 'node:crypto';
import { AuditError } from '../audit-error.ts';
import { toCloudEvent } from '../formats/cloud-events.ts';
import type { CheckpointPlace } from '../writer/checkpoint-keeper.ts';
import type { AuditSink } from './audit-sink.ts';

export interface WebhookOptions {
  /** Default `webhook`. */
  name?: string;
  url: string;
  /** Sends the request; give one that guards against requests to inner addresses. */
  fetch: typeof globalThis.fetch;
  /** Standard Webhooks secrets, `whsec_` and base64 of 24 to 64 bytes; several while one is being rotated. */
  secrets: readonly string[];
  /** Milliseconds since 1970-01-01 UTC. */
  now: () => number;
}

function secretBytes(secret: string): Buffer {
  const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (!secret.startsWith('whsec_') || bytes.length < 24 || bytes.length > 64) {
    throw new TypeError('A webhook secret is "whsec_" and base64 of 24 to 64 bytes.');
  }
  return bytes;
}

/** Headers of the Standard Webhooks specification: id, timestamp and one signature per secret. */
export function signWebhook(
  id: string,
  timestampSeconds: number,
  body: string,
  secrets: readonly Buffer[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', secret).update(`${id}.${timestampSeconds}.${body}`).digest('base64');
    return `v1,${mac}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds), 'webhook-signature': signatures.join(' ') };
}

function poster(
  options: WebhookOptions,
): (id: string, type: string, body: string, signal: AbortSignal | undefined) => Promise<void> {
  const secrets = options.secrets.map(secretBytes);
  if (secrets.length === 0) throw new TypeError('"secrets" must hold at least one secret.');
  return async (id, type, body, signal) => {
    const headers = { 'content-type': type, ...signWebhook(id, Math.floor(options.now() / 1000), body, secrets) };
    // A redirect would hand the records to a place nobody configured.
    const response = await options.fetch(options.url, {
      method: 'POST',
      headers,
      body,
      redirect: 'error',
      ...(signal ? { signal } : {}),
    });
    await response.body?.cancel();
    if (!response.ok) throw new AuditError('ERR_AUDIT_SINK_FAILED', `The webhook answered ${response.status}.`);
  };
}

/**
 * Posts each batch as CloudEvents 1.0 in batch mode, signed as Standard Webhooks say. The id of the request is that of the
 * batch's last record, so a repetition can be recognised. Throws TypeError for a malformed secret.
 */
export function webhookSink(options: WebhookOptions): AuditSink {
  const post = poster(options);
  return {
    name: options.name ?? 'webhook',
    async send(batch, signal) {
      const body = JSON.stringify(batch.map(({ record }) => toCloudEvent(record)));
      await post(batch.at(-1)!.record.id, 'application/cloudevents-batch+json', body, signal);
    },
  };
}

/** An outside place for checkpoints that posts each signed note, signed as Standard Webhooks say. */
export function webhookPlace(options: WebhookOptions): CheckpointPlace {
  const post = poster(options);
  return {
    name: options.name ?? 'webhook',
    publish: (note, { origin, size }) =>
      post(`${origin}@${size}`, 'text/plain; charset=utf-8', note, AbortSignal.timeout(30_000)),
  };
}
