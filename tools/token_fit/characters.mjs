// Writes llm/token_characters.hpp: the characters that the tokenisers know by themselves.
//   node characters.mjs SOURCES OUTPUT_FOLDER
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [sources, output] = process.argv.slice(2);
const require = createRequire(path.resolve(sources, 'npm', 'x.js'));
const openai = require('gpt-tokenizer/cjs/encoding/o200k_base');
const claude = require('@anthropic-ai/tokenizer').getTokenizer();
const blocks = { han: [0x4e00, 0x9fff], hangul: [0xac00, 0xd7a3] };
const perLine = 46;

function literal(name, comment, characters) {
  const lines = [];
  for (let i = 0; i < characters.length; i += perLine)
    lines.push(`    u"${characters.slice(i, i + perLine).join('')}"`);
  return `/// ${comment}\nconstexpr auto ${name} = std::u16string_view{\n${lines.join('\n')}};\n\n`;
}

let text = `#pragma once

// Written by tools/token_fit/characters.mjs; not edited by hand.

#include <string_view>

namespace axonhub::llm {

// clang-format off
`;
for (const [block, [first, last]] of Object.entries(blocks)) {
  const known = { both: [], one: [] };
  for (let code = first; code <= last; code++) {
    const c = String.fromCodePoint(code);
    const families = (openai.encode(c).length === 1) + (claude.encode(c.normalize('NFKC'), 'all').length === 1);
    if (families > 0) known[families === 2 ? 'both' : 'one'].push(c);
  }
  text += literal(`frequent_${block}`, 'One token each for both families.', known.both);
  text += literal(`common_${block}`, 'One token each for one of the families.', known.one);
}
writeFileSync(path.join(output, 'token_characters.hpp'), `${text}// clang-format on\n\n} // namespace axonhub::llm\n`);
