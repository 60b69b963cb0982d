// A reporter for `node --test`: one line per file, failures in full, and the counts as JSON for scripts/test.mjs.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { inspect } from 'node:util';

/** Formats the event stream of the test runner. `SWITCHYARD_COUNTS` names the file that receives the counts. */
// biome-ignore lint/style/noDefaultExport: the test runner takes a module's default export
export default async function* reporter(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const files = new Map();
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') {
      if (process.env.SWITCHYARD_VERBOSE) yield data.message;
    } else if (type === 'test:summary' && data.file) {
      yield line(files.get(data.file) ?? empty(), data);
    } else if (type === 'test:pass' || type === 'test:fail') {
      if (data.details.type === 'suite' || isFile(data)) {
        if (type === 'test:fail' && isFile(data) && !(files.get(data.file)?.failed > 0)) {
          counts.failed++;
          yield failure(data);
        }
        continue;
      }
      const verdict =
        data.skip !== undefined || data.todo !== undefined
          ? 'skipped'
          : type === 'test:pass'
            ? 'passed'
            : 'failed';
      counts[verdict]++;
      const file = files.get(data.file) ?? empty();
      file[verdict]++;
      if (verdict === 'skipped' && typeof data.skip === 'string') file.reasons.add(data.skip);
      files.set(data.file, file);
      if (verdict === 'failed') yield failure(data);
    }
  }
  if (process.env.SWITCHYARD_COUNTS)
    writeFileSync(process.env.SWITCHYARD_COUNTS, JSON.stringify(counts));
}

const empty = () => ({ passed: 0, failed: 0, skipped: 0, reasons: new Set() });

/** With process isolation each file is a test of its own, named by its path. */
function isFile(data) {
  return data.nesting === 0 && data.file !== undefined && data.file.endsWith(data.name);
}

function line(file, data) {
  const name = relative(process.cwd(), data.file);
  const skipped =
    file.skipped > 0
      ? `, ${file.skipped} skipped (${[...file.reasons].join('; ') || 'no reason given'})`
      : '';
  const mark = file.failed > 0 ? 'FAIL' : ' ok ';
  return `${mark} ${name}  ${file.passed} passed${file.failed > 0 ? `, ${file.failed} failed` : ''}${skipped}  ${Math.round(data.duration_ms)} ms\n`;
}

function failure(data) {
  const error = data.details.error?.cause ?? data.details.error;
  const text = error?.stack ?? (typeof error === 'string' ? error : inspect(error));
  const where = data.file ? `${relative(process.cwd(), data.file)}:${data.line ?? 0}` : '';
  return `\nFAILED ${data.name}  ${where}\n${text.replace(/^/gm, '  ')}\n\n`;
}
