// The list that the dialog of "?" shows.
export const shortcuts = [
  ["⌘ K or Ctrl K", "Jump to a room, a person, a command"],
  ["Alt ↑ / ↓", "Previous and next room"],
  ["Alt Shift ↑ / ↓", "Previous and next unread room"],
  ["Esc", "Mark the room as read"],
  ["Ctrl Shift E", "Emoji for what you write"],
  ["Enter", "Send (see settings)"],
  ["Shift Enter", "New line"],
  ["↑ in an empty box", "Edit your last message"],
  ["@ # :", "Complete people, rooms, emoji"],
  ["↑ ↓ on a message", "Go through the messages"],
  ["E, R, T on a message", "Edit it, react to it, open its thread"],
  ["?", "This list"],
] as const;
