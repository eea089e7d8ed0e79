// The storage of the tab, which a browser may refuse: then the page forgets when it is loaded again, and nothing else.

export function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

export function write(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // see above
  }
}
