// The list that the dialog of "?" shows.
export const shortcuts = [
  ["⌘ K or Ctrl K", "Jump to a room, a person, a command"],
  ["Alt ↑ / ↓", "Previous and next room"],
  ["Alt Shift ↑ / ↓", "Previous and next unread room, and then your inbox"],
  ["Esc", "Mark the room as read"],
  ["Shift Esc", "Mark everything as read"],
  ["Ctrl Shift E", "Emoji for what you write"],
  ["Enter", "Send (see settings)"],
  ["Shift Enter", "New line"],
  ["↑ in an empty box", "Edit your last message"],
  ["@ # :", "Complete people, rooms, emoji"],
  ["↑ ↓ on a message", "Go through the messages"],
  ["E, R, T on a message", "Edit it, react to it, open its thread"],
  ["J, K in the inbox", "Next and previous entry"],
  ["Enter, E, U in the inbox", "Open an entry, clear it, mark it as unread"],
  ["Z in the inbox", "Take back what you cleared"],
  ["?", "This list"],
] as const;
