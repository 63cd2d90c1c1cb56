/** Texts from log lines can hold anything. What goes into a message is one visible line of a known length. */

/** Control and format characters, halves of surrogate pairs, line and paragraph separators. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The text with everything invisible replaced, cut to a number of UTF-16 units but never inside a character. */
export function visible(text: string, most = 120): string {
  return shortened(text, most).replaceAll(INVISIBLE, '\ufffd');
}

function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** The text as printable ASCII, as subjects and attributes have to be. */
export function printable(text: string, most: number): string {
  return text.replaceAll(/[^\u0020-\u007e]/gu, '?').slice(0, most);
}

/** Whether a text is an id as AWS makes them: nothing in it means something to a shell, SQL or markdown. */
export function isPlainId(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9][A-Za-z0-9-]{0,59}$/.test(text);
}

/** Paragraphs of at most this many columns; longer words stay whole. Further lines start with the indent. */
export function wrapped(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}
