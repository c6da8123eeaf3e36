import * as v from 'valibot';
import { FailureSchema, IdSchema, none, OutcomeSchema } from './values.ts';

export const ThemeSchema = v.picklist(['system', 'light', 'dark']);
export type Theme = v.InferOutput<typeof ThemeSchema>;

/** How Lanyard behaves on the desktop. */
const DesktopSettingsSchema = v.object({
  theme: ThemeSchema,
  notifications: v.boolean(),
  /** Goes on without a window, in the tray, instead of quitting with the last one. */
  keepInTray: v.boolean(),
  /** Shortcuts of a single key, such as `?` (WCAG 2.1.4 asks that they can be turned off). */
  singleKeys: v.boolean(),
  /** As the system has it now. */
  startAtLogin: v.boolean(),
});
export type DesktopSettings = v.InferOutput<typeof DesktopSettingsSchema>;

/** Where a tray entry or a notification leads. */
export const PlaceSchema = v.variant('name', [
  v.object({ name: v.literal('identity'), bundleId: v.string(), accountId: v.optional(v.string()) }),
  v.object({ name: v.literal('cloud-session'), sessionId: v.string() }),
  v.object({ name: v.literal('terminal'), tabId: v.string() }),
]);
export type Place = v.InferOutput<typeof PlaceSchema>;

/** What a window shows, so that nobody is told what is on the screen before them. */
const LookingSchema = v.object({
  page: v.pipe(v.string(), v.maxLength(32)),
  /** The identity on the page, if it is the page of one. */
  bundleId: v.nullable(IdSchema),
});
export type Looking = v.InferOutput<typeof LookingSchema>;

/** A `lanyard://` link that came from outside and waits for the person's answer. */
const LinkViewSchema = v.variant('kind', [
  v.object({
    kind: v.literal('connect'),
    linkId: v.string(),
    providerId: v.string(),
    providerName: v.string(),
    /** `null`: into an identity that is made on success. */
    bundleId: v.nullable(v.string()),
    bundleName: v.nullable(v.string()),
  }),
  v.object({
    kind: v.literal('run'),
    linkId: v.string(),
    bundleId: v.string(),
    bundleName: v.string(),
    /** The program and each of its arguments, as they would be passed: no shell reads them. */
    command: v.array(v.string()),
  }),
  /** It says nothing that could be done. */
  v.object({ kind: v.literal('refused'), linkId: v.string(), failure: FailureSchema }),
]);
export type LinkView = v.InferOutput<typeof LinkViewSchema>;

/** What is around the windows: settings of the desktop, and links that come from outside. */
export const desktopCalls = {
  'desktop.settings': { request: none, response: DesktopSettingsSchema },
  /** Changes what is named and leaves the rest. */
  'desktop.choose': { request: v.partial(DesktopSettingsSchema), response: OutcomeSchema },
  'desktop.looking': { request: LookingSchema, response: none },
  /** The link that waits for an answer, if one does. */
  'links.waiting': { request: none, response: v.object({ link: v.nullable(LinkViewSchema) }) },
  /**
   * Answers it. What is run then is what main has kept, never what a window says; a sign-in is started by the window.
   * Fails as `link_gone` when it does not wait any more.
   */
  'links.answer': { request: v.object({ linkId: IdSchema, allow: v.boolean() }), response: OutcomeSchema },
} as const;

export const desktopEvents = {
  /** The person came from outside of the window and wants to be at this place; `failure` is why something did not start. */
  'desktop.show': v.object({ place: PlaceSchema, failure: v.optional(FailureSchema) }),
  'desktop.changed': DesktopSettingsSchema,
  /** Another link waits, or none any more. */
  'links.changed': none,
} as const;
