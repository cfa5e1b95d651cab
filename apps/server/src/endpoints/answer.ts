/** What an endpoint's answer means to whoever tests the connection. Pure. */
import type { EndpointProblem, EndpointProblemCode } from '@touchstone/schemas';
import type { Answer } from './call.ts';

const MAX_SAID = 300;
const NO_MODEL =
  /model.{0,200}(not found|does not exist|not exist|no such|not available)|(unknown|invalid|no such|unsupported) model|model_not_found|DeploymentNotFound/is;
const NO_CREDIT =
  /insufficient.?(quota|balance|funds|credit)|exceeded your current quota|out of credits?|payment required/i;
/** A reasoning model that used up the few tokens of the test: it works. */
const CUT_SHORT = /output limit was reached|max_tokens.{0,60}(reached|too small|at least)/is;

export type Asked = {
  url: URL;
  has_secret: boolean;
  /** Null: the list of models was asked for. */
  model: string | null;
};

/** Null: it works. */
export function explainAnswer(answer: Answer, asked: Asked): EndpointProblem | null {
  const { status, location, text } = answer;
  const { url, has_secret, model } = asked;
  const said = providerText(text);
  const problem = (code: EndpointProblemCode, message: string) => ({
    code,
    message: said && code !== 'not_compatible' && code !== 'redirect' ? `${message} It says: ${said}` : message,
  });
  if (status === 200) return explainBody(answer, asked);
  if (status >= 300 && status < 400) {
    const where = location ? `to ${location}` : 'elsewhere';
    return problem(
      'redirect',
      `It answers with a redirect ${where}, which is not followed, so that the key goes nowhere else. Give the final address.`,
    );
  }
  if (status === 402 || ([400, 403, 429].includes(status) && NO_CREDIT.test(said)))
    return problem('no_credit', 'It answers, but the account of this key has no credit left.');
  if (status === 401 || status === 403)
    return problem('auth', has_secret ? `It refuses the key (HTTP ${status}).` : 'It asks for a key: choose one.');
  if (status === 429) return problem('rate_limited', 'It answers, but limits the rate of calls: try again later.');
  if (model !== null && [400, 404, 422].includes(status) && NO_MODEL.test(text))
    return problem('unknown_model', `It does not know the model "${model}".`);
  if (status === 404 || status === 405) return problem('not_compatible', noRoute(url, status));
  if (model !== null && status === 400 && CUT_SHORT.test(said)) return null;
  if (status >= 500) return problem('failed', `It fails (HTTP ${status}): is it up, and its model loaded?`);
  return problem('bad_request', `It refuses the question (HTTP ${status}).`);
}

function explainBody({ text }: Answer, { url, model }: Asked): EndpointProblem | null {
  const value = parseJson(text);
  if (value === undefined) {
    const what = /^\s*</.test(text) ? 'a web page' : 'something that is not JSON';
    return { code: 'not_compatible', message: `It answers with ${what}. ${forgotten(url)}` };
  }
  if (model === null ? readModels(value) !== null : hasAnswer(value)) return null;
  const error = (value as { error?: unknown } | null)?.error;
  if (error) return { code: 'failed', message: `It answers with an error: ${providerText(text)}` };
  return {
    code: 'not_compatible',
    message: `Its answer has no ${model === null ? 'list of models' : 'choices'} in it. ${forgotten(url)}`,
  };
}

/** OpenAI's choices, or the content of an Anthropic message, which is empty where thinking used the few tokens up. */
function hasAnswer(value: unknown): boolean {
  const { choices, type, content } = (value ?? {}) as { choices?: unknown; type?: unknown; content?: unknown };
  return (Array.isArray(choices) && choices.length > 0) || (type === 'message' && Array.isArray(content));
}

/** The names in an answer to GET /models, each once; null where it is none. */
export function readModels(value: unknown): string[] | null {
  const list = Array.isArray(value) ? value : (value as { data?: unknown } | null)?.data;
  if (!Array.isArray(list)) return null;
  const names = list.flatMap((item: unknown) => {
    const { id } = (item ?? {}) as { id?: unknown };
    return typeof id === 'string' && id !== '' && id.length <= 300 ? [id] : [];
  });
  return [...new Set(names)];
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noRoute(url: URL, status: number): string {
  return `There is no ${url.pathname} at ${url.origin} (HTTP ${status}). ${forgotten(url)}`;
}

function forgotten({ pathname }: URL): string {
  return /\/v\d/.test(pathname)
    ? 'Is this the address of an OpenAI-compatible route?'
    : 'This is not an OpenAI-compatible route: did you forget /v1?';
}

/** The endpoint's own words: the message of an error object, else the text; on one line. */
function providerText(text: string): string {
  const value = parseJson(text);
  const { error = value } = (Array.isArray(value) ? value[0] : (value ?? {})) as { error?: unknown };
  const { message, detail } = (error ?? {}) as { message?: unknown; detail?: unknown };
  const words = [message, detail, error].find((one) => typeof one === 'string') ?? (value === undefined ? text : '');
  const line = (words as string).replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > MAX_SAID ? `${line.slice(0, MAX_SAID)}…` : line;
}
