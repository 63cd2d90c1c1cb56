/**
 * The form for Slack and Teams. Source: "Custom notifications using Amazon Q Developer in chat applications" (Amazon Q
 * Developer in chat applications Administrator Guide).
 */

import type { AlertData, MessageData } from './schema.ts';
import { amountText, placeOf, serviceNumber } from './subject.ts';
import { spanText } from './times.ts';

/** Slack shows 3,000 characters of a text block. */
const MAX_DESCRIPTION = 2800;
const MAX_TITLE = 200;
/** Lines of a digest. */
const MOST_LINES = 15;

const EMOJIS = { info: ':information_source:', warning: ':warning:', critical: ':rotating_light:' } as const;

/** JSON text of a custom notification. Messages about one situation are one thread. */
export function chatText({ kind, subject, severity, alerts, leftOut, commands }: MessageData): string {
  const [alert] = alerts;
  const isDigest = kind === 'digest' || alert === undefined;
  const title = plain(subject.replace(/^\[[a-z]+\] /, isDigest ? 'Digest: ' : ''), MAX_TITLE);
  return JSON.stringify({
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: `${EMOJIS[severity]} ${title}`,
      description: isDigest ? digestDescription(alerts, leftOut, commands) : alertDescription(alert),
      ...(!isDigest && { nextSteps: (alert.next ?? []).map((step) => plain(step, 500)) }),
      keywords: [...new Set([severity, ...(isDigest ? ['digest'] : [alert.kind, alert.meaning])])],
    },
    metadata: {
      ...(!isDigest && { threadId: alert.id }),
      summary: title,
      eventType: isDigest ? 'digest' : alert.meaning,
      ...(!isDigest && { relatedResources: resourcesOf(alert), additionalContext: contextOf(alert) }),
    },
  });
}

function alertDescription(alert: AlertData): string {
  const { what, mayMean, commands, firstTime, lastTime, why } = alert;
  return lines([
    plain(what, 600),
    `${spanText(firstTime, lastTime)}, ${amountText(alert)}`,
    plain(mayMean ?? '', 400),
    plain(why, 400),
    ...commands.map((command) => `\`\`\`${command}\`\`\``),
  ]);
}

function digestDescription(
  alerts: readonly AlertData[],
  leftOut: number,
  commands: readonly string[] = [],
): string {
  const hidden = alerts.length - MOST_LINES + leftOut;
  return lines([
    ...alerts.slice(0, MOST_LINES).map((alert) => {
      const what = [alert.severity, alert.words, serviceNumber(alert)].filter(Boolean).join(' ');
      const where = alert.scope.level === 'account' ? placeOf(alert) : `${alert.scope.id} ${placeOf(alert)}`;
      return `- ${what} at ${plain(where, 120)}: ${amountText(alert)}`;
    }),
    ...(hidden > 0 ? [`… and ${hidden} more`] : []),
    ...commands.map((command) => `\`\`\`${command}\`\`\``),
  ]);
}

/** As many whole lines as there is room for. */
function lines(texts: readonly string[]): string {
  let text = '';
  for (const line of texts) {
    if (text.length + line.length + 1 > MAX_DESCRIPTION) break;
    text += text === '' ? line : `\n${line}`;
  }
  return text;
}

/**
 * A text that holds nothing that a chat takes for more than text: no markup, mention, link or emoji. Both platforms escape
 * in their own way, so what means something to either is replaced.
 */
function plain(text: string, most: number): string {
  return text
    .replaceAll(/[<>]/g, (bracket) => (bracket === '<' ? '(' : ')'))
    .replaceAll(/[&*_~`|@#![\]\\]/g, '?')
    .replaceAll('://', ':/ /')
    .slice(0, most)
    .toWellFormed();
}

function resourcesOf({ resourceId, exampleResourceId, instanceId, subnetId, vpcId }: AlertData): string[] {
  const ids = [resourceId ?? exampleResourceId, instanceId, subnetId, vpcId];
  return ids.filter((id) => id !== undefined).map((id) => plain(id, 120));
}

function contextOf({ accountId, region, path, severity, kind }: AlertData): Record<string, string> {
  const context = { accountId, region, path, severity, kind };
  return Object.fromEntries(
    Object.entries(context).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, plain(value, 120)]],
    ),
  );
}
