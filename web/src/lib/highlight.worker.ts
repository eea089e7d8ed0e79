// Finds what is coloured in one block of code after another, apart from the page. It says when it begins with one: from then on it has
// only so much time.
import { highlight } from "./highlight";

onmessage = ({ data: [text, language] }: MessageEvent<[text: string, language: string]>) => {
  postMessage("begun");
  postMessage(highlight(text, language));
};
