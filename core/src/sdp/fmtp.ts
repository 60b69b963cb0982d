/** Parameters of an `a=fmtp` value by lower-case name; a part without `=` has an empty value. */
export function parseFmtp(fmtp: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of fmtp.split(';')) {
    const [name = '', ...value] = part.split('=');
    const key = name.trim().toLowerCase();
    if (key !== '') parameters.set(key, value.join('=').trim());
  }
  return parameters;
}
