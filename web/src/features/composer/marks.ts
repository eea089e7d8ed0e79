// The tools of the toolbar: their icons, and the marks and keys that they teach.
import Bold from "@lucide/svelte/icons/bold";
import CodeXml from "@lucide/svelte/icons/code-xml";
import Italic from "@lucide/svelte/icons/italic";
import Link from "@lucide/svelte/icons/link";
import List from "@lucide/svelte/icons/list";
import ListOrdered from "@lucide/svelte/icons/list-ordered";
import ListTodo from "@lucide/svelte/icons/list-todo";
import SquareCode from "@lucide/svelte/icons/square-code";
import Strikethrough from "@lucide/svelte/icons/strikethrough";
import TextQuote from "@lucide/svelte/icons/text-quote";
import type { Mark } from "../../lib/marks";

export interface Tool {
  readonly mark: Mark;
  readonly label: string;
  readonly icon: typeof Bold;
  /** What one would type. */
  readonly typed: string;
  /** Its key, with Ctrl or ⌘ (lib/marks.ts). */
  readonly key?: string;
}

export const tools: readonly Tool[] = [
  { mark: "bold", label: "Bold", icon: Bold, typed: "**bold**", key: "B" },
  { mark: "italic", label: "Italic", icon: Italic, typed: "_italic_", key: "I" },
  { mark: "strike", label: "Strikethrough", icon: Strikethrough, typed: "~~struck~~", key: "Shift X" },
  { mark: "link", label: "Link", icon: Link, typed: "[words](https://…)", key: "K" },
  { mark: "numbers", label: "Numbered list", icon: ListOrdered, typed: "1. first", key: "Shift 7" },
  { mark: "list", label: "List", icon: List, typed: "- item", key: "Shift 8" },
  { mark: "tasks", label: "List of tasks", icon: ListTodo, typed: "- [ ] task" },
  { mark: "quote", label: "Quote", icon: TextQuote, typed: "> said", key: "Shift 9" },
  { mark: "code", label: "Code", icon: CodeXml, typed: "`code`", key: "E" },
  { mark: "block", label: "Block of code", icon: SquareCode, typed: "``` on lines of their own" },
];
