// Does one thing with the OpenAI SDK and prints what came of it as JSON.
// node openai_sdk.mjs ACTION [JSON]; base URL and credential come from OPENAI_BASE_URL and
// OPENAI_API_KEY.

import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 0, timeout: 60_000 });

// What the loops run: it notes its calls, so that they can be looked at.
const ran = [];
const tool = {
  type: "function",
  function: {
    name: "exec_command",
    description: "Runs a command.",
    parameters: {
      type: "object",
      properties: { cmd: { type: "string" } },
      required: ["cmd"],
      additionalProperties: false,
    },
    parse: JSON.parse,
    function: ({ cmd }) => {
      ran.push(cmd);
      return cmd.replace("echo ", "");
    },
  },
};
const { parse, function: run, ...declared } = tool.function;

const actions = {
  async chat(body) {
    const completion = await client.chat.completions.create(body);
    return { completion, request_id: completion._request_id };
  },
  async chat_stream(body) {
    const stream = client.chat.completions.stream(body);
    let text = "";
    stream.on("content", (delta) => (text += delta));
    return { completion: await stream.finalChatCompletion(), text };
  },
  async chat_chunks(body) {
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ ...body, stream: true }))
      chunks.push(chunk);
    return { chunks };
  },
  async chat_loop(body) {
    const runner = client.chat.completions.runTools({ ...body, tools: [tool] });
    return { text: await runner.finalContent(), ran, messages: runner.messages };
  },
  async response(body) {
    const response = await client.responses.create(body);
    return { response, text: response.output_text, request_id: response._request_id };
  },
  async response_stream(body) {
    const stream = client.responses.stream(body);
    const types = [];
    let text = "";
    stream.on("event", (event) => types.push(event.type));
    stream.on("response.output_text.delta", (event) => (text += event.delta));
    return { response: await stream.finalResponse(), text, types };
  },
  async response_loop({ stream, ...body }) {
    const input = [...body.input];
    for (let turn = 0; turn < 5; ++turn) {
      const tools = [{ type: "function", strict: true, ...declared }];
      const asked = { ...body, input, store: false, tools };
      const response = stream
        ? await client.responses.stream(asked).finalResponse()
        : await client.responses.create(asked);
      const calls = response.output.filter((item) => item.type === "function_call");
      if (calls.length === 0)
        return { text: response.output_text, ran };
      input.push(...response.output);
      for (const { call_id, arguments: text } of calls)
        input.push({ type: "function_call_output", call_id, output: run(parse(text)) });
    }
    throw new Error("the loop does not end");
  },
  async models() {
    const ids = [];
    for await (const model of client.models.list())
      ids.push(model.id);
    return { ids };
  },
};

const [action, argument = "{}"] = process.argv.slice(2);
let result;
try {
  result = await actions[action](JSON.parse(argument));
} catch (error) {
  result = {
    error: error.constructor.name,
    is_api_error: error instanceof OpenAI.APIError,
    status: error.status ?? null,
    type: error.type ?? null,
    code: error.code ?? null,
    message: error.error?.message ?? error.message,
    request_id: error.requestID ?? null,
  };
}
console.log(JSON.stringify(result));
