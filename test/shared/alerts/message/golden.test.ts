/** What people and programs get, whole. Read the files as the person at 3 in the morning. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AlertMessage } from '../../../../shared/alerts/alert-message.ts';
import { messageOf } from '../../../../shared/alerts/message/message.ts';
import { alertMessageSchema } from '../../../../shared/alerts/message/schema.ts';
import { CASES, CONTEXT, noticesOf } from './cases.ts';

const GOLDEN = join(import.meta.dirname, 'golden');

let messages: Map<string, AlertMessage>;

beforeAll(async () => {
  const notices = await noticesOf();
  messages = new Map([...notices].map(([name, each]) => [name, messageOf(each, CONTEXT)]));
});

describe.each(CASES)('%s', (name) => {
  test('as an e-mail', async () => {
    const { subject, text } = messages.get(name)!;
    await expect(`Subject: ${subject}\n\n${text}`).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
  });

  test('as JSON of the schema', async () => {
    const data: unknown = JSON.parse(messages.get(name)!.json);
    expect(() => alertMessageSchema.parse(data)).not.toThrow();
    await expect(`${JSON.stringify(data, undefined, 2)}\n`).toMatchFileSnapshot(
      join(GOLDEN, `${name}.json.txt`),
    );
  });

  test('in a chat', async () => {
    const data: unknown = JSON.parse(messages.get(name)!.chat);
    await expect(`${JSON.stringify(data, undefined, 2)}\n`).toMatchFileSnapshot(
      join(GOLDEN, `${name}.chat.txt`),
    );
  });
});
