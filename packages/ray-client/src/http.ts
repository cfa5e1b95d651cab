import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';

export type HttpRequest = { method: string; headers: Record<string, string>; body?: string; timeout_ms: number };
export type HttpAnswer = { status: number; text: string };

/**
 * One request on a connection of its own, straight to the server: no redirects, no proxy.
 * Not `fetch`: it sends `Sec-Fetch-Mode`, and Ray takes whoever sends that for a browser, which may only read.
 */
export async function send(url: string, { method, headers, body, timeout_ms }: HttpRequest): Promise<HttpAnswer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const signal = AbortSignal.timeout(timeout_ms);
  try {
    return await new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, signal, agent: false }, (response) => {
        text(response).then((text) => resolve({ status: response.statusCode!, text }), reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
