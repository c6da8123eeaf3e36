/** Text that is safe to stand in a page: made only by {@link html}, which escapes everything that is put into it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Insert = string | Markup | readonly Markup[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template whose strings are escaped for element content and quoted attributes; markup is put in as it is. */
export function html(parts: TemplateStringsArray, ...inserts: Insert[]): Markup {
  return new Markup(parts.reduce((page, part, index) => page + render(inserts[index - 1] ?? '') + part));
}

function render(insert: Insert): string {
  if (typeof insert === 'string') return insert.replace(/[&<>"']/g, (char) => entities[char] ?? '');
  if (insert instanceof Markup) return insert.text;
  return insert.map(({ text }) => text).join('');
}
