const usualSuccess = '\\b(?:logged in|signed in|authenticated|login (?:was )?success|login succeeded)';

/** Before the success words: negations, failures, conditions and demands. "n't" alone counts, for output that was cut. */
const negatedBefore =
  /\b(?:not|no|nor|never|nobody|none|neither|cannot|without|unable|unsuccessful(?:ly)?|fail(?:s|ed|ing|ure)?|errors?|invalid|denied|refused|rejected|false|if|once|until|unless|before|when|whether|must|should|need(?:s|ed)?|requires?|please|make sure)\b|n['’]t\b/i;

/** After them: what takes them back, but no word that may be part of a name or an address. */
const negatedAfter =
  /\b(?:not|never|cannot|fail(?:s|ed|ure)?|unsuccessful|error|invalid|denied|refused|rejected|false|expired)\b|n['’]t\b|[:=?]\s*["'(<[]?(?:no|none|nobody|null|nil|undefined|0)\b(?![@-]|\.\w)/i;

/** Where words end in these, what follows is their answer: `"homeTenantId": null`. */
const asking = /[\s:=?"']+$/;

/** No status line is longer; looking for negations takes the square of the length. */
const longestLine = 8_192;

/**
 * Whether some text says that somebody is signed in (L-4).
 * @param text one line or several
 * @param pattern what the provider says on success; absent: the usual words
 * @returns false for "not authenticated", "isn't logged in", "authenticated: no", "login succeeded, but ... not saved"
 */
export function isSuccessText(text: string, pattern?: string): boolean {
  const success = successPattern(pattern);
  return text.split('\n').some((line) => {
    const start = line.slice(0, longestLine);
    return success.test(start) && isNotNegated(start, success);
  });
}

/** What says success, compiled. */
export function successPattern(pattern?: string): RegExp {
  return new RegExp(pattern ?? usualSuccess, pattern === undefined ? 'i' : '');
}

/** Whether at least one of the matches in a line stands as it is. */
export function isNotNegated(line: string, success: RegExp): boolean {
  for (const match of line.matchAll(new RegExp(success, `g${success.flags}`))) {
    const end = match.index + match[0].replace(asking, '').length;
    if (!negatedBefore.test(sentenceBefore(line, end)) && !negatedAfter.test(sentenceAfter(line, end)))
      return true;
  }
  return false;
}

/**
 * What comes before `end` in its sentence, or after the prompt that it answers. A negation in another sentence ("No
 * browser? Logged in.") does not touch it.
 */
function sentenceBefore(line: string, end: number): string {
  const before = line.slice(0, end);
  let from = 0;
  for (const stop of before.matchAll(/[.!?;>]\s+/g)) {
    if (stop.index + stop[0].length < end) from = stop.index + stop[0].length;
  }
  return before.slice(from);
}

/** What follows `end`; a question mark does not end the sentence of its own answer ("Logged in? no"). */
function sentenceAfter(line: string, end: number): string {
  const after = line.slice(end);
  const stop = /[.!;](?=\s|$)/.exec(after);
  return stop ? after.slice(0, stop.index) : after;
}
