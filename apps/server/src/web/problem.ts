/** An error body for people and programs (RFC 9457), as the REST interface has it. */
export function problem(
  status: number,
  code: string,
  title: string,
  fix: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { type: 'about:blank', title, status, code, detail: title, fix, retryable: false };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}
