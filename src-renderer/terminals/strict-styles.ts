let installed = false;

/**
 * Lets xterm.js 6.0 work under our policy (`style-src 'self'`): it writes rules into `<style>` elements and colours of
 * cells into `style` attributes, which the policy refuses, while the same through the CSS object model is allowed. So
 * style elements that scripts of this page make stand for sheets which the document adopts, and the style attribute of
 * a span becomes declarations. Its own option for another document (`documentOverride`) does not reach the cells.
 */
export function installStrictStyles(page: Document): void {
  if (installed) return;
  installed = true;
  const create = page.createElement.bind(page);
  page.createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    if (name === 'style') return sheetElement(page, create);
    const element = create(name, options);
    if (name === 'span') element.setAttribute = setAttribute;
    return element;
  };
}

function setAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

/** Shows nothing, and is only written to and removed. */
function sheetElement(page: Document, create: (name: 'template') => HTMLTemplateElement): HTMLElement {
  const element = create('template');
  const sheet = new CSSStyleSheet();
  page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
  Object.defineProperty(element, 'textContent', {
    set: (rules: string) => sheet.replaceSync(rules),
    get: () => '',
  });
  element.remove = () => {
    page.adoptedStyleSheets = page.adoptedStyleSheets.filter((each) => each !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}
