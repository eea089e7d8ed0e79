// Choosing files on the device.

export interface Asked {
  /** Which types, as the attribute of an input says it. Where JPEG comes first, phones convert what no browser can draw. */
  accept?: string;
  multiple?: boolean;
  /** Opens the camera of a phone. */
  camera?: boolean;
}

export const PICTURES = "image/jpeg,image/png,image/gif,image/webp,video/mp4,video/webm,video/quicktime";

/** Asks for files; none when one thinks better of it. It has to be called while a click is handled. */
export function chosen({ accept, multiple, camera }: Asked): Promise<File[]> {
  const input = document.createElement("input");
  input.type = "file";
  if (accept) input.accept = accept;
  input.multiple = !!multiple;
  if (camera) input.setAttribute("capture", "environment");
  input.hidden = true;
  document.body.append(input); // Safari opens nothing for one that is not in the document
  return new Promise((yes) => {
    const over = () => {
      input.remove();
      yes([...(input.files ?? [])]);
    };
    input.addEventListener("change", over);
    input.addEventListener("cancel", over);
    input.click();
  });
}
