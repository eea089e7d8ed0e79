// Draws lines over time with uPlot: a piece of the client of its own, for the page that has charts.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { gapsIn, lonely, type Values } from "../core/ops";

/** What is drawn: the last line is drawn strongest, with its area. */
export interface Lines {
  readonly from: number;
  readonly step: number;
  readonly lines: readonly Values[];
  /** null where nothing was measured. */
  readonly measured: Values;
}

export interface Chart {
  show(of: Lines): void;
  /** Draws again, in the colours that the element has now. */
  redraw(): void;
  end(): void;
}

/** Charts with the same key share one crosshair. */
const SHARED = "ops";
/** Room above the highest value, so that its line is not cut. */
const HEADROOM = 1.1;
/** How lines are told apart that are not the last one: from the end, in pixels of dash and gap. */
const DASHES = [undefined, [4, 3], [1.5, 3]];

const data = ({ from, step, lines }: Lines): uPlot.AlignedData => [
  (lines[0] ?? []).map((_, i) => from + i * step),
  ...lines.map((line) => [...line]),
];

/** Draws into `box`, in its colours: color for lines, text-decoration-color for areas, outline-color where nothing was measured. */
export function chart(box: HTMLElement, first: Lines, pointed: (i: number | undefined) => void): Chart {
  let of = first;
  const look = getComputedStyle(box); // it is live
  const line = (n: number): uPlot.Series => {
    const back = first.lines.length - 1 - n;
    return {
      stroke: () => look.color,
      width: back ? 1 : 1.5,
      alpha: back ? 0.75 : 1,
      ...(DASHES[back] && { dash: DASHES[back] }),
      ...(back ? {} : { fill: () => look.textDecorationColor }),
      points: { show: true, size: 4, filter: () => lonely(of.lines[n] ?? []) },
    };
  };

  /** Marks where nothing was measured: it is not the same as zero. */
  function shade(u: uPlot): void {
    const { left, top, width, height } = u.bbox,
      x = (i: number) => Math.min(left + width, Math.max(left, u.valToPos(of.from + i * of.step, "x", true)));
    u.ctx.fillStyle = look.outlineColor;
    for (const [a, b] of gapsIn(of.measured)) u.ctx.fillRect(x(a - 1), top, x(b + 1) - x(a - 1), height);
  }

  const size = () => ({ width: Math.max(1, box.clientWidth), height: Math.max(1, box.clientHeight) });
  const plot = new uPlot(
    {
      ...size(),
      padding: [4, 0, 0, 0],
      legend: { show: false },
      axes: [{ show: false }, { show: false }],
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        sync: { key: SHARED },
        points: { size: 7 },
      },
      scales: { x: { time: true }, y: { range: (_, __, most) => [0, most > 0 ? most * HEADROOM : 1] } },
      series: [{}, ...first.lines.map((_, n) => line(n))],
      hooks: { drawClear: [shade], setCursor: [(u) => pointed(u.cursor.idx ?? undefined)] },
    },
    data(first),
    box,
  );
  const resized = new ResizeObserver(() => plot.setSize(size()));
  resized.observe(box);

  return {
    show(next) {
      of = next;
      plot.setData(data(next));
    },
    redraw: () => plot.redraw(false),
    end() {
      resized.disconnect();
      plot.destroy();
    },
  };
}
