import * as v from 'valibot';
import { IdSchema, none, OutcomeSchema } from './values.ts';

const AppInfoSchema = v.object({
  version: v.string(),
  electron: v.string(),
  chromium: v.string(),
  node: v.string(),
  platform: v.string(),
  dataDirectory: v.string(),
  /** Set on the fallback Electron of developer machines, which is not for real accounts. */
  developmentRuntime: v.boolean(),
});
export type AppInfo = v.InferOutput<typeof AppInfoSchema>;

/** The app itself, and what it does on the desktop. */
export const appCalls = {
  'app.info': { request: none, response: AppInfoSchema },
  'clipboard.readText': { request: none, response: v.object({ text: v.string() }) },
  /** Opens the system's terminal with the bundle's accounts in its environment. */
  'launch.openTerminal': { request: v.object({ bundleId: IdSchema }), response: OutcomeSchema },
} as const;
