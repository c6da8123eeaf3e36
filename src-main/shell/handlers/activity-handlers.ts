import type { ActivityEntry, ActivityFilter, activityCalls } from '../../../src-preload/contract/activity.ts';
import type { Diagnostics } from '../../house/diagnostics-house.ts';
import type { AuditTrail } from '../../journal/audit-trail.ts';
import { trailAsLines, trailAsTable } from '../../journal/trail-export.ts';
import { type FoundEntry, searchTrail, type TrailFilter } from '../../journal/trail-search.ts';
import type { TextClipboard } from '../../vault/secret-clipboard.ts';
import type { HandlersOf } from '../ipc.ts';
import type { SaveRequest } from '../save-file.ts';
import { answer, outcome } from './outcome.ts';

export interface ActivityHandlerParts {
  audit: AuditTrail;
  diagnostics: Diagnostics;
  /** Of what runs, by name. */
  versions: Record<string, string>;
  /** Asks where to, and writes; false when the person chose no file. Throws LanyardError `could_not_export`. */
  save: (request: SaveRequest) => Promise<boolean>;
  onVerifying: (entries: number) => void;
  clipboard: TextClipboard;
}

/** The audit trail, and the report for those who help. */
export function activityHandlers(parts: ActivityHandlerParts): HandlersOf<typeof activityCalls> {
  const { audit, diagnostics, versions, clipboard } = parts;
  return {
    'activity.list': async ({ filter, before, limit }) => {
      await audit.settled();
      const { entries, older } = await searchTrail(audit.files, trailFilter(filter), before ?? null, limit);
      const empty =
        entries.length === 0 && (await searchTrail(audit.files, {}, null, 1)).entries.length === 0;
      return { entries: entries.map(view), older, empty, state: audit.state() };
    },
    'activity.verify': () => audit.verify(parts.onVerifying),
    'activity.export': ({ filter, format }) => {
      const chosen = trailFilter(filter);
      return saving(() =>
        parts.save(
          format === 'jsonl'
            ? {
                title: 'Export activity',
                name: 'lanyard-activity.jsonl',
                filter: { name: 'JSON lines', extensions: ['jsonl'] },
                content: trailAsLines(audit.files, chosen),
              }
            : {
                title: 'Export activity',
                name: 'lanyard-activity.csv',
                filter: { name: 'Table', extensions: ['csv'] },
                content: trailAsTable(audit.files, chosen),
              },
        ),
      );
    },
    'diagnostics.report': async (options) => ({ text: await diagnostics.report(versions, options) }),
    'diagnostics.copy': (options) =>
      outcome(async () => {
        await clipboard.writeText(await diagnostics.report(versions, options));
      }),
    'diagnostics.save': (options) =>
      saving(async () =>
        parts.save({
          title: 'Save diagnostics',
          name: 'lanyard-diagnostics.md',
          filter: { name: 'Markdown', extensions: ['md'] },
          content: await diagnostics.report(versions, options),
        }),
      ),
  };
}

function saving(save: () => Promise<boolean>) {
  return answer(async () => ({ saved: await save() }));
}

/** What is not said is not looked at. */
function trailFilter({ bundleId, providerId, subject, text, since }: ActivityFilter): TrailFilter {
  return {
    ...(bundleId === undefined ? {} : { bundleId }),
    ...(providerId === undefined ? {} : { providerId }),
    ...(subject === undefined ? {} : { subject }),
    ...(text === undefined ? {} : { text }),
    ...(since === undefined ? {} : { since }),
  };
}

function view({ entry, signed }: FoundEntry): ActivityEntry {
  const { seq, at, kind, bundleId, bundleName, providerId, accountName, sessionId, detail } = entry;
  const time = Date.parse(at);
  return {
    seq,
    at: Number.isFinite(time) ? time : 0,
    kind,
    ...(bundleId === undefined ? {} : { bundleId }),
    ...(bundleName === undefined ? {} : { bundleName }),
    ...(providerId === undefined ? {} : { providerId }),
    ...(accountName === undefined ? {} : { accountName }),
    ...(sessionId === undefined ? {} : { sessionId }),
    detail: Object.entries(detail ?? {}).map(([name, value]) => ({ name, value: String(value) })),
    signed,
  };
}
