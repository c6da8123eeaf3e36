/** What went wrong and what to do, as running text: titles come with and without a full stop. */
export function sentences(failure: { title: string; hint: string }): string {
  const { title, hint } = failure;
  return `${title}${/[.!?…]$/.test(title) ? '' : '.'} ${hint}`;
}
