/** Latin letters and those of other alphabets that look like them, each pair once. */
const pairs =
  'aа aα bЬ bв cс cϲ dԁ eе eє gɡ hһ iі iι iı jј jϳ kк kκ lӏ mм nп nη oо oο oσ pр pρ qԛ rг sѕ tт tτ uυ uս vѵ vν wԝ wω xх xχ yу yγ ' +
  'AА AΑ BВ BΒ CС EЕ EΕ HН HΗ IІ IΙ JЈ KК KΚ MМ MΜ NΝ OО OΟ PР PΡ SЅ TТ TΤ XХ XΧ YΥ ZΖ';
const latinOf = new Map(pairs.split(' ').map(([latin = '', other = '']) => [other, latin]));

/** What a text looks like at a glance: two with the same answer are easily taken for one another. */
export function lookOf(text: string): string {
  const latin = [...text].map((letter) => latinOf.get(letter) ?? letter).join('');
  return latin
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[l1|]/g, 'i')
    .replaceAll('0', 'o');
}

/** Letters of a text that are of another alphabet and look like Latin ones, each once. */
export function foreignLetters(text: string): string[] {
  return [...new Set(text)].filter((letter) => latinOf.has(letter));
}
