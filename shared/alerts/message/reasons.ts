import { ruleOf } from '../../findings/meaning.ts';
import { count } from '../../findings/wording.ts';
import type { Notice } from '../alert-message.ts';
import type { Reason } from '../decision.ts';
import { ofEpisode, sinceTold } from '../situation.ts';
import { lengthText } from './times.ts';

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
      return 'It is new.';
    case 'first':
      return 'It is the first refused traffic of this account, told at once so that you see that alerts work. From now on what is no more than info comes in digests.';
    case 'worsens':
      return `It got worse: ${told?.severity ?? 'info'} before, ${situation.severity} now.`;
    case 'grows': {
      const { flows } = ofEpisode(situation);
      const before = flows - sinceTold(situation).flows;
      return `It grew from ${before.toLocaleString('en-US')} to ${count(flows, 'flow')} since the last message.`;
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
