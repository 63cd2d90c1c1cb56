/**
 * The types of query parameters: what each accepts, and the SQL literal it becomes. Values come from people and other
 * programs, so a value reaches the SQL only as digits or as a quoted literal made here.
 */

import { canonicalAddress, canonicalNetwork } from '../shared/addresses.ts';
import { excerpt } from '../shared/errors.ts';
import { QueryError } from './query-error.ts';
import { quoted } from './sql-text.ts';
import { isCalendarDay } from './time-range.ts';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** The value if none is given: its text, or null for "no value" (SQL NULL). Undefined: a value must be given. */
  readonly default: string | null | undefined;
  readonly description: string;
}

interface TypeRule {
  /** Completes "… takes". */
  readonly accepts: string;
  /** The SQL type of the value, which an absent one needs too: Trino cannot choose functions for a bare NULL. */
  readonly sqlType: 'varchar' | 'bigint' | 'double';
  /** The SQL literal, or undefined if the text does not fit. */
  literal(text: string): string | undefined;
}

const MAX_TEXT = 1000;

const RULES = {
  address: {
    accepts: 'an IPv4 or IPv6 address, such as 10.0.1.5 or 2001:db8::1',
    sqlType: 'varchar',
    literal: (text) => quotedIf(canonicalAddress(text)),
  },
  cidr: {
    accepts: 'a network in CIDR notation, such as 10.0.0.0/8 or 2001:db8::/32, or a single address',
    sqlType: 'varchar',
    literal: (text) => quotedIf(canonicalNetwork(text)),
  },
  port: {
    accepts: 'a port number from 0 to 65535',
    sqlType: 'bigint',
    literal: (text) => wholeNumber(text, 65_535),
  },
  day: {
    accepts: 'a UTC day, such as 2026-11-20',
    sqlType: 'varchar',
    literal: (text) => (isCalendarDay(text) ? quoted(text) : undefined),
  },
  count: {
    accepts: 'a whole number, 0 or more',
    sqlType: 'bigint',
    literal: (text) => wholeNumber(text, Number.MAX_SAFE_INTEGER),
  },
  number: {
    accepts: 'a number, such as 10 or 0.5',
    sqlType: 'double',
    literal: (text) => (/^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? text : undefined),
  },
  text: {
    accepts: `a text of at most ${MAX_TEXT} characters without control characters`,
    sqlType: 'varchar',
    literal: (text) => (text.length <= MAX_TEXT && !/\p{Cc}|\p{Cs}/u.test(text) ? quoted(text) : undefined),
  },
} as const satisfies Record<string, TypeRule>;

export type ParameterType = keyof typeof RULES;

/** All types' names. */
export const PARAMETER_TYPES = Object.keys(RULES) as readonly ParameterType[];

/** Whether a word is the name of a type. */
export function isParameterType(word: string): word is ParameterType {
  return Object.hasOwn(RULES, word);
}

/** What a type accepts, to complete the sentence "it takes …". */
export function accepts(type: ParameterType): string {
  return RULES[type].accepts;
}

/**
 * The SQL literal of a parameter's value; without a value, of its default.
 *
 * @throws QueryError that names the parameter and what it accepts.
 */
export function parameterLiteral(parameter: Parameter, value: string | undefined): string {
  const rule: TypeRule = RULES[parameter.type];
  const text = value ?? parameter.default;
  if (text === null) return `CAST(NULL AS ${rule.sqlType})`;
  if (text === undefined) {
    throw new QueryError(
      `The parameter "${parameter.name}" (${parameter.description}) is missing. ` +
        `Add --param ${parameter.name}=VALUE; it takes ${rule.accepts}.`,
    );
  }
  const literal = rule.literal(parameter.type === 'text' ? text : text.trim());
  if (literal === undefined) {
    throw new QueryError(
      `The parameter "${parameter.name}" cannot be "${excerpt(text)}": it takes ${rule.accepts}.`,
    );
  }
  return literal;
}

function quotedIf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quoted(text);
}

function wholeNumber(text: string, max: number): string | undefined {
  return /^\d{1,16}$/.test(text) && Number(text) <= max ? String(Number(text)) : undefined;
}
