/** JSON that is cheap to write and might be expensive to read. */

import { expect, test } from 'vitest';
import { parseNotification } from '../../shared/aws/object-created.ts';
import { PermanentError } from '../../shared/errors.ts';

const nested = (open: string, inner: string, close: string, depth: number) =>
  open.repeat(depth) + inner + close.repeat(depth);
const record = (key: string, s3: string) =>
  `{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":${s3.replace('KEY', key)}}`;
const OBJECT = '{"bucket":{"name":"raw"},"object":{"key":"KEY","size":1,"eTag":"e"}}';

test.each([
  ['arrays', nested('[', '', ']', 400_000)],
  ['objects', nested('{"Records":', '1', '}', 80_000)],
  ['objects in a record', `{"Records":[${record('k', nested('{"a":', '1', '}', 80_000))}]}`],
  [
    'arrays that do not end, wrapped by SNS',
    JSON.stringify({ Type: 'Notification', Message: '['.repeat(300_000) }),
  ],
])('%s in each other are no notification, and nothing worse', (_, body) => {
  expect(() => parseNotification(body)).toThrow(PermanentError);
});

test('a record with deep JSON beside what matters is read', () => {
  const deep = record('k', OBJECT).replace('{', `{"more":${nested('[', '', ']', 100_000)},`);
  expect(parseNotification(`{"Records":[${deep}]}`).objects).toMatchObject([{ key: 'k' }]);
});

test('of thousands of records in a notification each is read', () => {
  const records = Array.from({ length: 5000 }, (_, index) => record(`k${index}`, OBJECT));
  expect(parseNotification(`{"Records":[${records.join(',')}]}`).objects).toHaveLength(5000);
});
