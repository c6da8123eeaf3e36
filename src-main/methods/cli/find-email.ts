const emailPattern =
  /(?<![\w.%+@-])[A-Za-z0-9](?:[\w.%+-]{0,62}[A-Za-z0-9_+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![\w@-]|\.[A-Za-z0-9])/g;

/** Domains of documentation (RFC 2606), which no person has; `.test` stays, because test servers use it. */
const placeholderDomain =
  /@(?:[^@]*\.)?(?:example\.(?:com|org|net|edu)|domain\.(?:com|tld)|email\.com|company\.com|[^@]*\.(?:example|invalid))$/i;
const placeholderName = /^(?:you|your[._-]?\w*|username|first\.?last)@/i;

/** The first email address of a person in a line (S-6), or null. Addresses that stand for "yours here" do not count. */
export function findEmail(text: string): string | null {
  if (!text.includes('@')) return null;
  for (const [email] of text.matchAll(emailPattern)) {
    const placeholder =
      placeholderDomain.test(email) || (placeholderName.test(email) && !email.endsWith('.test'));
    if (!placeholder) return email;
  }
  return null;
}
