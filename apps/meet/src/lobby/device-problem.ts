/** A camera or microphone that does not work, in words, with the control that helps in this browser. */
export interface DeviceProblem {
  readonly title: string;
  readonly fix: string;
  /** Trying again without a reload can help. */
  readonly isRetryable: boolean;
}

type Source = 'camera' | 'microphone';

/** Where the browser hides the permission. By user agent, because no API tells. */
export function permissionAdvice(userAgent: string, source: Source): string {
  const isPhone = /Android|iPhone|iPad/.test(userAgent);
  if (/Firefox\//.test(userAgent) && !isPhone) {
    return `Click the crossed-out ${source} left of the address, remove the block, then try again.`;
  }
  if (/iPhone|iPad/.test(userAgent)) {
    return `Tap the page menu left of the address, choose "Website Settings", allow the ${source}, then try again.`;
  }
  if (/Android/.test(userAgent)) {
    return `Tap the icon left of the address, choose "Permissions", allow the ${source}, then try again.`;
  }
  if (/Safari\//.test(userAgent) && !/Chrome\/|Chromium\//.test(userAgent)) {
    return `Choose Safari > Settings for This Website, allow the ${source}, then try again.`;
  }
  return `Click the icon left of the address, allow the ${source}, then try again.`;
}

/** What a failed capture means for the person. `code` is the SDK's. */
export function deviceProblem(source: Source, code: string, userAgent: string): DeviceProblem {
  const name = source === 'camera' ? 'camera' : 'microphone';
  switch (code) {
    case 'permissionDenied':
      return {
        title: `The browser may not use your ${name}.`,
        fix: permissionAdvice(userAgent, source),
        isRetryable: true,
      };
    case 'deviceMissing':
      return {
        title: `No ${name} was found.`,
        fix: `Plug one in, or join without: you can always watch and listen.`,
        isRetryable: true,
      };
    case 'deviceBusy':
      return {
        title: `Another program is using your ${name}.`,
        fix: 'Close that program or its call, then try again.',
        isRetryable: true,
      };
    case 'insecureOrigin':
      return {
        title: `Browsers give ${name}s to secure pages only.`,
        fix: 'Open this page with https:// in front, or as localhost on the server itself.',
        isRetryable: false,
      };
    case 'unsupportedBrowser':
      return {
        title: 'This browser cannot take part in calls.',
        fix: 'Use a current Chrome, Edge, Firefox or Safari.',
        isRetryable: false,
      };
    default:
      return {
        title: `Your ${name} did not start.`,
        fix: 'Unplug it and plug it in again, or choose another one.',
        isRetryable: true,
      };
  }
}
