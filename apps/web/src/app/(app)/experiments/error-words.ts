import { ROW_ERRORS, type RowErrorCode } from '@touchstone/schemas';

/** A row error's name as people read it. */
export const ERROR_LABELS: Record<RowErrorCode, string> = {
  rate_limited: 'Rate limited',
  provider_unavailable: 'Endpoint unavailable',
  timeout: 'Timed out',
  row_crashed: 'Crashed',
  auth: 'Key refused',
  bad_request: 'Request refused',
  context_length: 'Input too long',
  content_filter: 'Filtered by the provider',
  malformed: 'Malformed answer',
};

/** What a person can do about it. "Retry failed rows" is the button of the experiment's page. */
export const ERROR_ADVICE: Record<RowErrorCode, string> = {
  rate_limited: 'Retry failed rows later, or duplicate the experiment with a lower concurrency.',
  provider_unavailable: 'See that the endpoint is up and its address is right, then retry failed rows.',
  timeout: 'Retry failed rows when the endpoint is less busy, or duplicate the experiment with a longer timeout.',
  row_crashed: "Retry failed rows. If they crash again, the job's log says why.",
  auth: 'Check the key in Settings, then retry failed rows.',
  bad_request: 'Model name and parameters belong to the experiment: duplicate it and change them there.',
  context_length:
    'The prompt and the row are longer than the model takes. A model with a larger context can answer them.',
  content_filter: 'The provider held these answers back. They count as not answered, not as a score of zero.',
  malformed: "The endpoint's answer is not in the shape of the OpenAI chat API. Check its address and model name.",
};

const FAULTS = {
  infrastructure: "Not the model's fault: the way to it failed.",
  caller: "Not the model's fault: the request was not accepted.",
  model: "The model's own limit.",
} as const;

/** Whose fault the error is, in words. */
export function explainFault(code: RowErrorCode): string {
  return FAULTS[ROW_ERRORS[code]];
}
