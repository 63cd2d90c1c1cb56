import { styleText } from 'node:util';
import type { Notice } from '../shared/alerts/alert-message.ts';
import type { SentAlert } from '../shared/alerts/replay.ts';
import type { Severity } from '../shared/findings/finding.ts';
import { visible } from './output.ts';

/** Messages shown one by one; the others are counted. */
const SHOWN = 12;

const STYLES: Readonly<Record<Severity, 'red' | 'yellow' | 'dim'>> = {
  critical: 'red',
  warning: 'yellow',
  info: 'dim',
};

/** The messages as lines for a terminal: when, and the subject. Empty if there are none. */
export function alertsText(alerts: readonly SentAlert[]): string {
  if (alerts.length === 0) return '';
  const lines = alerts.slice(0, SHOWN).map(({ at, message, notices }) => {
    const subject = visible(message.subject);
    return `  ${timeText(at)}  ${styleText(STYLES[severityOf(notices)], subject)}\n`;
  });
  const more = alerts.length > SHOWN ? `  … and ${alerts.length - SHOWN} more in the table "alerts"\n` : '';
  return `\n${styleText('bold', 'Alerts, when the pipeline would have sent them')}\n${lines.join('')}${more}`;
}

function severityOf(notices: readonly Notice[]): Severity {
  const severities = new Set(notices.map(({ situation }) => situation.severity));
  return (['critical', 'warning'] as const).find((severity) => severities.has(severity)) ?? 'info';
}

/** `2026-11-20 05:15Z` */
export function timeText(at: number): string {
  return `${new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}
