// What is said of a webhook.

/** A line for a shell that posts by the address of a webhook. */
export const curlLine = (url: string) => `curl -d '{"text": "Hello from a script"}' '${url}'`;
