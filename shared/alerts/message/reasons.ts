import { ruleOf } from '../../findings/meaning.ts';
import { count } from '../../findings/wording.ts';
import type { Notice } from '../alert-message.ts';
import { measureOf, type Reason } from '../decision.ts';
import { ofEpisode, sinceTold } from '../situation.ts';
import { dayAndTime, isoTime, lengthText } from './times.ts';

/** What the subject of a message begins with. */
const PREFIXES: Readonly<Record<Reason, string>> = {
  opens: '',
  first: '',
  worsens: 'worse: ',
  grows: 'grew: ',
  'still-open': 'still open: ',
  'goes-on': 'goes on: ',
};

export function prefixOf(reason: Reason): string {
  return PREFIXES[reason];
}

/** Why people are told now, in a sentence. */
export function reasonText({ situation, reason }: Notice): string {
  const { told, lastTime, episode } = situation;
  switch (reason) {
    case 'opens':
      return told === undefined
        ? 'It is new.'
        : `It is back: you were told of it on ${dayAndTime(isoTime(told.at))} UTC, and then it was quiet.`;
    case 'first':
      return 'It is the first refused traffic of this account, told at once so that you see that alerts work. From now on what is no more than info comes in digests.';
    case 'worsens':
      return told?.severity === situation.severity
        ? `Another host inside does it, too: ${(situation.insiders ?? []).join(', ')}.`
        : `It got worse: ${told?.severity ?? 'info'} before, ${situation.severity} now.`;
    case 'grows': {
      const [measure, noun] = measureOf(situation.subject);
      const now = ofEpisode(situation)[measure];
      const before = now - sinceTold(situation)[measure];
      return `It grew from ${before.toLocaleString('en-US')} to ${count(now, noun)}, and faster than before.`;
    }
    case 'still-open':
      return `It still goes on, ${lengthText(Math.max(0, lastTime - episode.start))} after it began.`;
    case 'goes-on':
      return 'It goes on; you know of it.';
  }
}

/** Why it has its severity, and why it is called what it is called. */
export function severityText({ situation: { severity, subject } }: Notice): string {
  const { meaning } = subject;
  if (meaning === 'no-delivery') {
    return 'Severity: warning, because nobody sees what is not logged. The account and Region delivered regularly before.';
  }
  if (meaning === 'old-data') return 'Severity: info, because what is old is no news.';
  const { reason, severities } = ruleOf(meaning);
  const when = severities.find((each) => each.severity === severity)?.when;
  if (meaning === 'data-loss') {
    const share = severity === 'warning' ? 'more than 5 % of a day was lost' : 'AWS calls some loss normal';
    return `Severity: ${severity}, because ${share}.`;
  }
  return `Severity: ${severity}${when === undefined ? '' : `, because ${when}`}. ${reason}`;
}
