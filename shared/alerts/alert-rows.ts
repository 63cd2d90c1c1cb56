import { createHash } from 'node:crypto';
import { objectKey } from '../lake/layout.ts';
import type { ALERT_COLUMNS } from './alert-columns.ts';
import type { Notice } from './alert-message.ts';
import { keyOf, ofEpisode, sinceTold } from './situation.ts';

type Row = Readonly<Record<(typeof ALERT_COLUMNS)[number]['name'], string | number | undefined>>;

/**
 * What was told in a message as an object of the lake's `alerts` table: one row for each situation.
 *
 * @param sentAt Unix seconds
 */
export function alertObject(notices: readonly Notice[], subject: string, sentAt: number) {
  const told = notices.map(({ situation }) => [keyOf(situation.subject), situation.total]);
  const id = createHash('sha256')
    .update(JSON.stringify([sentAt, subject, told]))
    .digest('hex')
    .slice(0, 32);
  const lines = notices.map((notice) => `${JSON.stringify(rowOf(notice, subject, sentAt, id))}\n`);
  return { key: objectKey('alerts', sentAt, `alert-${id}`), text: lines.join('') };
}

function rowOf({ situation, reason }: Notice, subject: string, sentAt: number, id: string): Row {
  const { severity, lastTime, episode, evidence } = situation;
  const { kind, meaning, path, accountId, region, vpcId, scope, service } = situation.subject;
  const [all, more] = [ofEpisode(situation), sinceTold(situation)];
  return {
    sent_at: Math.floor(sentAt),
    message_id: id,
    subject,
    reason,
    kind,
    severity,
    meaning,
    path,
    aws_account_id: accountId,
    aws_region: region,
    vpc_id: vpcId,
    scope: scope.level,
    scope_id: scope.id,
    protocol: service?.protocol,
    port: service?.port,
    server: service?.server,
    first_time: Math.floor(episode.start),
    last_time: Math.floor(lastTime),
    findings: all.findings,
    flows: all.flows,
    packets: all.packets,
    new_findings: more.findings,
    new_flows: more.flows,
    source: evidence?.source,
  };
}
