import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { longestLine, readLine } from './trail-line.ts';

/** One of the files that the trail is written in, oldest first by number. */
export interface TrailFile {
  name: string;
  number: number;
  path: string;
}

/** A line as it was found. */
export interface FoundLine {
  /** `null` for one that is too long to be ours. */
  text: string | null;
  file: string;
  /** From 1. */
  line: number;
}

/** How far a file was written when somebody looked, bytes. */
export interface FileEnd {
  file: TrailFile;
  size: number;
}

const namePattern = /^audit-(\d{6,9})\.jsonl$/;
const chunkBytes = 256 * 1024;

/** The files of the audit trail, `audit-000001.jsonl` and so on: written at their end only. */
export class TrailFiles {
  readonly directory: string;
  readonly #maxBytes: number;

  /** @param maxBytes size from which on the next file is begun */
  constructor(directory: string, maxBytes: number) {
    this.directory = directory;
    this.#maxBytes = maxBytes;
  }

  async makeDirectory(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
  }

  /** Oldest first. */
  async list(): Promise<TrailFile[]> {
    const names = await readdir(this.directory).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return names
      .flatMap((name) => {
        const number = namePattern.exec(name)?.[1];
        return number === undefined ? [] : [this.file(Number(number))];
      })
      .sort((a, b) => a.number - b.number);
  }

  file(number: number): TrailFile {
    const name = `audit-${String(number).padStart(6, '0')}.jsonl`;
    return { name, number, path: join(this.directory, name) };
  }

  /** How far each file is written now, oldest first. */
  async ends(): Promise<FileEnd[]> {
    const ends: FileEnd[] = [];
    for (const file of await this.list()) {
      const size = await sizeOf(file);
      if (size !== null) ends.push({ file, size });
    }
    return ends;
  }

  /** Whether nothing was written after this end: neither to its file nor to a later one. */
  async isEnd({ file, size }: FileEnd): Promise<boolean> {
    return (await sizeOf(file)) === size && (await sizeOf(this.file(file.number + 1))) === null;
  }

  /**
   * Writes lines after an end, in one write. They are in the system's hands then, see {@link flush}.
   * @param end `null` where there is no file yet
   * @returns the new end
   */
  async append(end: FileEnd | null, lines: string[]): Promise<FileEnd> {
    await this.makeDirectory();
    const full = end !== null && end.size >= this.#maxBytes;
    const file = end === null ? this.file(1) : full ? this.file(end.file.number + 1) : end.file;
    const handle = await open(file.path, 'a', 0o600);
    try {
      await handle.writeFile(`${lines.join('\n')}\n`);
      return { file, size: (await handle.stat()).size };
    } finally {
      await handle.close();
    }
  }

  /** Makes sure that what was written survives a power cut. */
  async flush({ file }: FileEnd): Promise<void> {
    const handle = await open(file.path, 'r+');
    await handle.datasync().finally(() => handle.close());
  }

  /**
   * Ends a last line that a crash tore: one that is whole but for its line break gets it, anything else is taken away.
   * @returns the file's end, and how many bytes were taken away
   */
  async repairEnd(file: TrailFile): Promise<{ end: FileEnd; removedBytes: number }> {
    const handle = await open(file.path, 'r+');
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, longestLine + 1);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      const torn = buffer.subarray(buffer.lastIndexOf(0x0a) + 1);
      if (torn.length === 0) return { end: { file, size }, removedBytes: 0 };
      if (readLine(torn.toString('utf8'))?.isIntact) {
        await handle.write('\n', size);
        return { end: { file, size: size + 1 }, removedBytes: 0 };
      }
      await handle.truncate(size - torn.length);
      return { end: { file, size: size - torn.length }, removedBytes: torn.length };
    } finally {
      await handle.close();
    }
  }

  /** The lines of a file up to an end; a last one without line break included. */
  async *lines({ file, size }: FileEnd): AsyncGenerator<FoundLine> {
    const handle = await open(file.path, 'r');
    try {
      let line = 0;
      let rest = Buffer.alloc(0);
      let isTooLong = false;
      const found = (text: Buffer): FoundLine => {
        line += 1;
        const whole = isTooLong || text.length > longestLine ? null : text.toString('utf8');
        isTooLong = false;
        return { text: whole, file: file.name, line };
      };
      for (let at = 0; at < size; ) {
        const length = Math.min(chunkBytes, size - at);
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        let chunk = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
        for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a)) {
          yield found(chunk.subarray(0, end));
          chunk = chunk.subarray(end + 1);
        }
        // Of what never ends in a line break only so much is kept.
        if (chunk.length > longestLine) isTooLong = true;
        rest = isTooLong ? Buffer.from('-') : chunk;
      }
      if (rest.length > 0) yield found(rest);
    } finally {
      await handle.close();
    }
  }
}

async function sizeOf(file: TrailFile): Promise<number | null> {
  try {
    return (await stat(file.path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
