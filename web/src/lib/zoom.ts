// Looking closely at a picture: how large it is drawn, and how far it is moved from the middle of its stage. Lengths in px.

export interface View {
  /** 1: the whole picture fits. */
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}
interface Size {
  readonly width: number;
  readonly height: number;
}
interface Point {
  readonly x: number;
  readonly y: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
const MOST = 8;
/** So large is a picture at which one looks closely. */
const CLOSE = 2.5;
/** A finger that goes so far across changes the picture; down, it closes the view. */
const ACROSS = 60,
  DOWN = 90;

/** The view of which no edge of the picture leaves the stage further than it must. `picture` is its size when it fits. */
function within(v: View, stage: Size, picture: Size): View {
  const bound = (at: number, picture: number, stage: number) => {
    const most = Math.max(0, (picture * v.scale - stage) / 2);
    return Math.max(-most, Math.min(at, most)) || 0;
  };
  return { scale: v.scale, x: bound(v.x, picture.width, stage.width), y: bound(v.y, picture.height, stage.height) };
}

/** Magnifies by a factor. What lies below a point, which is told from the middle of the stage, stays there. */
export function zoomed(v: View, by: number, at: Point, stage: Size, picture: Size): View {
  const scale = Math.max(1, Math.min(v.scale * by, MOST)),
    more = scale / v.scale;
  return within({ scale, x: at.x - (at.x - v.x) * more, y: at.y - (at.y - v.y) * more }, stage, picture);
}

/** Looks closely at a point, or at the whole picture again. */
export const toggled = (v: View, at: Point, stage: Size, picture: Size): View =>
  v.scale > 1 ? WHOLE : zoomed(v, CLOSE, at, stage, picture);

export const moved = (v: View, by: Point, stage: Size, picture: Size): View =>
  within({ scale: v.scale, x: v.x + by.x, y: v.y + by.y }, stage, picture);

/** What a finger asks for that went so far over a picture that is seen whole. */
export function swiped({ x, y }: Point): "next" | "previous" | "close" | undefined {
  if (Math.abs(x) > Math.abs(y)) return x < -ACROSS ? "next" : x > ACROSS ? "previous" : undefined;
  return y > DOWN ? "close" : undefined;
}

/** The size at which a picture is seen whole on a stage: it is never made larger than it is. */
export function whole(picture: Size, stage: Size): Size {
  const by = Math.min(1, stage.width / picture.width, stage.height / picture.height);
  return { width: picture.width * by, height: picture.height * by };
}
