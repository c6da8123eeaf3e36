import type { Locator, Page } from 'playwright';

/** The Connect modal as a person meets it: what it says and what can be done in it. */
export class ConnectModal {
  readonly #window: Page;
  readonly dialog: Locator;
  /** The whole sign-in link in its one-line scroller. */
  readonly link: Locator;
  readonly code: Locator;
  readonly pasteBox: Locator;
  /** What is wrong with what stands in the paste box. */
  readonly pasteError: Locator;
  /** Title of a failure. */
  readonly failure: Locator;
  readonly success: Locator;
  readonly tryAgain: Locator;

  constructor(window: Page) {
    this.#window = window;
    this.dialog = window.getByRole('dialog', { name: /^Connect / });
    this.link = this.dialog.getByRole('region', { name: 'Sign-in link' });
    this.code = this.dialog.locator('[data-component="device-code-text"]');
    this.pasteBox = this.dialog.getByLabel('Paste the callback URL or code');
    this.pasteError = this.dialog.locator('[data-component="paste-box"]').getByRole('alert');
    this.failure = this.dialog.locator('[data-component="failed-cause"]');
    this.success = this.dialog.locator('[data-component="success-step"]');
    this.tryAgain = this.dialog.getByRole('button', { name: 'Try again' });
  }

  /** Clicks the provider's Connect button on the page behind. */
  async open(providerName: string, button: 'Connect' | 'Reconnect' = 'Connect'): Promise<void> {
    await this.#window.getByRole('button', { name: `${button} ${providerName}`, exact: true }).click();
  }

  /** The link once it is there, as text. */
  async linkText(): Promise<string> {
    await this.link.waitFor();
    return (await this.link.textContent()) ?? '';
  }

  /** Unfolds the paste box where it is a way out and not the next step. */
  async unfoldPasteBox(): Promise<void> {
    await this.dialog.getByRole('button', { name: /nothing happened\?$/ }).click();
    await this.pasteBox.waitFor();
  }

  async paste(text: string): Promise<void> {
    await this.pasteBox.fill(text);
    await this.dialog.getByRole('button', { name: 'Submit' }).click();
  }

  async press(name: string): Promise<void> {
    await this.dialog.getByRole('button', { name, exact: true }).click();
  }
}
