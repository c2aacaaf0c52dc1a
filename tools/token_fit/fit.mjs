// Fits the coefficients of the token estimate and writes them and the held-out samples:
//   node fit.mjs SOURCES FEATURES_PROGRAM OUTPUT_FOLDER
// README.md says what these are. Run by hand; no build or test needs it.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { collect } from './samples.mjs';

const [sources, featuresProgram, output] = process.argv.slice(2);
const require = createRequire(path.resolve(sources, 'npm', 'x.js'));
const { getTokenizer } = require('@anthropic-ai/tokenizer');
const openai = require('gpt-tokenizer/cjs/encoding/o200k_base');
const claude = getTokenizer();
const families = {
  openai: (text) => openai.encode(text, { disallowedSpecial: new Set() }).length,
  claude: (text) => claude.encode(text.normalize('NFKC'), 'all').length,
};
const unit = 4096; // of the fixed-point costs
const floors = JSON.parse(execFileSync(featuresProgram, ['floors']).toString());
const classes = ['english', 'code', 'json', 'cjk', 'other'];

function readFeatures(samples) {
  const input = Buffer.concat(
    samples.flatMap(({ text }) => {
      const bytes = Buffer.from(text, 'utf8');
      return [Buffer.from(`${bytes.length}\n`), bytes];
    }),
  );
  const lines = execFileSync(featuresProgram, { input, maxBuffer: 1 << 30 }).toString().trim();
  return lines.split('\n').map((line) => JSON.parse(line));
}

/// Least squares of relative errors without negative coefficients, by coordinate descent. A little
/// weight pulls coefficients that few samples speak for towards `prior`.
function fitCosts(samples, family, prior) {
  const n = samples[0].features.length;
  const matrix = Array.from({ length: n }, () => new Float64Array(n));
  const target = new Float64Array(n);
  const sizes = Object.fromEntries(classes.map((c) => [c, samples.filter((s) => s.class === c).length]));
  for (const sample of samples) {
    const weight = (sample.class === 'other' ? 0.2 : 1) / sizes[sample.class];
    const row = [];
    sample.features.forEach((count, i) => count && row.push([i, count / sample[family]]));
    for (const [i, a] of row) {
      target[i] += weight * a;
      for (const [j, b] of row) matrix[i][j] += weight * a * b;
    }
  }
  const pull = 2e-6;
  const costs = new Float64Array(n).fill(prior);
  for (let round = 0; round < 4000; round++) {
    for (let i = 0; i < n; i++) {
      let rest = target[i] + pull * prior;
      for (let j = 0; j < n; j++) if (j !== i) rest -= matrix[i][j] * costs[j];
      costs[i] = Math.min(15, Math.max(floors[i], rest / (matrix[i][i] + pull)));
    }
  }
  return Array.from(costs, (c) => Math.round(c * unit));
}

const estimate = (features, costs) =>
  Math.ceil(features.reduce((sum, count, i) => sum + count * costs[i], 0) / unit);

function report(samples, costs) {
  for (const family of Object.keys(families))
    for (const name of classes) {
      const off = samples
        .filter((s) => s.class === name)
        .map((s) => ({ error: estimate(s.features, costs[family]) / s[family] - 1, source: s.source }))
        .sort((a, b) => Math.abs(a.error) - Math.abs(b.error));
      if (off.length === 0) continue;
      const at = (share) => (100 * Math.abs(off[Math.floor(share * (off.length - 1))].error)).toFixed(1);
      const mean = (100 * off.reduce((sum, o) => sum + o.error, 0)) / off.length;
      console.log(family, name, off.length, `median ${at(0.5)} p95 ${at(0.95)} max ${at(1)} bias ${mean.toFixed(1)}`);
      if (process.env.WORST) for (const o of off.slice(-6)) console.log('   ', o.error.toFixed(3), o.source);
    }
}

function writeCosts(costs) {
  const table = (family) => {
    const lines = [];
    for (let i = 0; i < costs[family].length; i += 16) lines.push(`    ${costs[family].slice(i, i + 16).join(', ')},`);
    return `inline constexpr auto ${family}_costs = std::array<std::uint16_t, token_feature::count>{\n${lines.join('\n')}\n};\n`;
  };
  return `#pragma once

// Written by tools/token_fit/fit.mjs; not edited by hand.

#include <array>
#include <cstdint>

#include "llm/token_features.hpp"

namespace axonhub::llm {

/// What each feature costs, in parts of a token.
inline constexpr auto token_parts = std::uint64_t{${unit}};

// clang-format off
${table('openai')}
${table('claude')}// clang-format on

} // namespace axonhub::llm
`;
}

const { fit, held } = collect(sources);
for (const samples of [fit, held]) {
  const features = readFeatures(samples);
  samples.forEach((sample, i) => {
    sample.features = features[i];
    for (const [family, count] of Object.entries(families)) sample[family] = count(sample.text);
  });
}
const costs = { openai: fitCosts(fit, 'openai', 0.2), claude: fitCosts(fit, 'claude', 0.2) };
console.log('-- the samples of the fit');
report(fit, costs);
console.log('-- the held-out samples');
report(held, costs);
writeFileSync(path.join(output, 'token_costs.hpp'), writeCosts(costs));
for (const name of classes.slice(0, 4)) {
  const lines = held
    .filter((s) => s.class === name)
    .map(({ source, licence, openai, claude, text }) => JSON.stringify({ source, licence, openai, claude, text }));
  writeFileSync(path.join(output, `${name}.jsonl`), `${lines.join('\n')}\n`);
}
