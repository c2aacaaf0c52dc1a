// Does one thing with the Anthropic SDK and prints what came of it as JSON.
// node anthropic_sdk.mjs ACTION [JSON]; base URL and credential come from ANTHROPIC_BASE_URL and
// ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN.

import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ maxRetries: 0, timeout: 60_000 });

const actions = {
  async create(body) {
    const message = await client.messages.create(body);
    return { message, request_id: message._request_id };
  },
  async events(body) {
    const types = [];
    for await (const event of await client.messages.create({ ...body, stream: true }))
      types.push(event.type);
    return { types };
  },
  async stream(body) {
    const stream = client.messages.stream(body);
    let text = "";
    stream.on("text", (delta) => (text += delta));
    return { message: await stream.finalMessage(), text };
  },
  async beta(body) {
    return { message: await client.beta.messages.create(body) };
  },
  async count({ times, ...body }) {
    const counts = Array.from({ length: times }, () => client.messages.countTokens(body));
    return { counts: (await Promise.all(counts)).map((count) => count.input_tokens) };
  },
  async models(query) {
    const pages = [];
    for await (const page of (await client.models.list(query)).iterPages())
      pages.push(page.data.map((model) => model.id));
    return { pages };
  },
  async model({ id }) {
    return { model: await client.models.retrieve(id) };
  },
};

const [action, argument = "{}"] = process.argv.slice(2);
let result;
try {
  result = await actions[action](JSON.parse(argument));
} catch (error) {
  result = {
    error: error.constructor.name,
    is_api_error: error instanceof Anthropic.APIError,
    status: error.status ?? null,
    type: error.type ?? null,
    message: error.error?.error?.message ?? error.message,
    request_id: error.requestID ?? null,
  };
}
console.log(JSON.stringify(result));
