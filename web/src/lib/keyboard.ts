/** Whether the keyboard is that of a Mac: commands are given with ⌘ there, and Ctrl moves the caret. */
export const isMac = (): boolean => /^(Mac|iP)/.test(navigator.platform);
